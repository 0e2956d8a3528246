import LowRankAdapters
import LowRankCompression
import LowRankProgress
import LowRankTensors

/// How far the updates of one kind of module share their subspaces across the layers of an adapter.
public struct LayerSimilarity: Sendable {
  /// The kind of module: its path without the layer's number, `self_attn.q_proj`.
  public let kind: String
  /// The layers' paths, in order.
  public let paths: [String]
  /// φ of what two layers write, in the row and column of their numbers.
  public let left: HostMatrix<Double>
  /// φ of what two layers read.
  public let right: HostMatrix<Double>

  /// Compares the layers of every kind of module that has several of the same extents.
  ///
  /// - Throws: what reading the factors throws.
  public static func kinds(
    of analysis: AdapterAnalysis, _ vectors: AdapterSimilarity.Vectors = .update
  ) throws -> [LayerSimilarity] {
    var (order, groups) = ([String](), [String: [AdapterAnalysis.Module]]())
    for module in analysis.modules {
      let kind = ModulePlace(module.stored.path).kind
      if groups[kind] == nil { order.append(kind) }
      groups[kind, default: []].append(module)
    }
    let work = Work("comparing layers", of: analysis.modules.count, .modules)
    defer { work.end() }
    return try order.compactMap { kind in
      work.detail = kind
      defer { work.advance(by: groups[kind]?.count ?? 0) }
      guard let modules = groups[kind], let first = modules.first?.stored, modules.count > 1,
        modules.allSatisfy({
          $0.stored.inputs == first.inputs && $0.stored.outputs == first.outputs
        })
      else { return nil }
      let bases = try modules.map { try Bases($0, vectors) }
      func grid(_ side: (Bases) -> HostMatrix<Double>) -> HostMatrix<Double> {
        var grid = HostMatrix<Double>(zeros: bases.count, bases.count)
        for (row, a) in bases.enumerated() {
          for (column, b) in bases.enumerated() {
            grid[row, column] = SubspaceSimilarity(side(a), side(b)).whole
          }
        }
        return grid
      }
      return LayerSimilarity(
        kind: kind, paths: modules.map(\.stored.path), left: grid(\.left), right: grid(\.right))
    }
  }
}

/// Where a module stands: its layer, and what it is there.
public struct ModulePlace: Hashable, Sendable {
  /// The number of the layer; nil where the path has none.
  public let layer: Int?
  /// What it is within its layer, `self_attn.q_proj`; the whole path outside of layers.
  public let kind: String

  /// Reads a checkpoint path, whose first number is the layer's.
  public init(_ path: String) {
    let parts = path.split(separator: ".")
    guard let index = parts.firstIndex(where: { Int($0) != nil }) else {
      (layer, kind) = (nil, path)
      return
    }
    layer = Int(parts[index])
    kind = parts[(index + 1)...].joined(separator: ".")
  }
}
