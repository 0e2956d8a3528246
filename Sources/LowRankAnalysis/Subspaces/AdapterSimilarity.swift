import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankCompression
import LowRankTensors

/// The subspaces that two adapters use, compared module by module.
public struct AdapterSimilarity: Sendable {
  /// Which singular vectors are compared.
  public enum Vectors: String, Hashable, Sendable, CaseIterable {
    /// Those of the update, which no gauge changes.
    case update
    /// The left ones of B and the right ones of A, as in the LoRA paper.
    case factors
  }

  /// One module's part.
  public struct Module: Sendable {
    /// The checkpoint path.
    public let path: String
    /// φ of what the module writes, from left vectors.
    public let left: SubspaceSimilarity
    /// φ of what the module reads, from right vectors.
    public let right: SubspaceSimilarity
    /// The angles between the left subspaces.
    public let leftAngles: PrincipalAngles
    /// The angles between the right subspaces.
    public let rightAngles: PrincipalAngles

    /// The module as JSON.
    public var json: JSONObject {
      func side(_ similarity: SubspaceSimilarity, _ angles: PrincipalAngles) -> JSONValue {
        let grid = similarity.grid
        return [
          "phi": .double(similarity.whole), "phi_1_1": .double(grid.elements.first ?? 0),
          "baseline": .double(similarity.baseline(grid.rows, grid.columns)),
          "angles": .array(angles.angles.map { .double($0) }),
          "geodesic_distance": .double(angles.geodesicDistance),
          "projection_distance": .double(angles.projectionDistance),
          "grid": .array(
            (0..<grid.rows).map { row in
              .array((0..<grid.columns).map { .double(grid[row, $0]) })
            }),
        ]
      }
      return [
        "path": .string(path), "left": side(left, leftAngles), "right": side(right, rightAngles),
      ]
    }
  }

  /// The modules that both adapt, in the first one's order.
  public let modules: [Module]
  /// The paths of the modules that only the first adapts.
  public let onlyInFirst: [String]
  /// The paths of the modules that only the second adapts.
  public let onlyInSecond: [String]

  /// Compares two adapters in the modules that both adapt.
  ///
  /// - Throws: `AdapterError.misshapenTensor` where their extents differ, `LinearAlgebraError`, and what reading the factors
  ///   throws.
  public init(_ a: AdapterAnalysis, _ b: AdapterAnalysis, of vectors: Vectors = .update) throws {
    let others = Dictionary(
      uniqueKeysWithValues: b.modules.map { (ExactText($0.stored.path), $0) })
    let pairs = a.modules.compactMap { module in
      others[ExactText(module.stored.path)].map { (module, $0) }
    }
    let shared = Set(pairs.map { ExactText($0.0.stored.path) })
    func alone(_ analysis: AdapterAnalysis) -> [String] {
      analysis.modules.map(\.stored.path).filter { !shared.contains(ExactText($0)) }
    }
    (onlyInFirst, onlyInSecond) = (alone(a), alone(b))
    for (first, second) in pairs.map({ ($0.stored, $1.stored) })
    where first.inputs != second.inputs || first.outputs != second.outputs {
      throw AdapterError.misshapenTensor(
        file: b.adapter.url.relativePath, name: second.path,
        found: "\(second.outputs) × \(second.inputs)",
        expected: "\(first.outputs) × \(first.inputs), as the other adapter has it")
    }
    modules = try concurrentMap(pairs.count, "comparing subspaces") { index in
      let (first, second) = (try Bases(pairs[index].0, vectors), try Bases(pairs[index].1, vectors))
      return Module(
        path: pairs[index].0.stored.path, left: SubspaceSimilarity(first.left, second.left),
        right: SubspaceSimilarity(first.right, second.right),
        leftAngles: try PrincipalAngles(first.left, second.left),
        rightAngles: try PrincipalAngles(first.right, second.right))
    }
  }
}

/// Orthonormal bases of what a module writes and reads, as columns, the leading vectors first.
struct Bases {
  let left: HostMatrix<Double>
  let right: HostMatrix<Double>

  init(_ module: AdapterAnalysis.Module, _ vectors: AdapterSimilarity.Vectors) throws {
    switch vectors {
    case .update:
      let sized = module.update.truncated(to: max(1, module.update.sizedValues.count))
      (left, right) = (sized.left, sized.right.transposed)
    case .factors:
      left = try SingularValueDecomposition(module.stored.upMatrix()).left
      right = try SingularValueDecomposition(module.stored.downMatrix().transposed).left
    }
  }
}
