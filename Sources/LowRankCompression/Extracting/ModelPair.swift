import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// Two models of one architecture, read from their folders tensor by tensor.
struct ModelPair: Sendable {
  /// A linear map of the architecture.
  struct Map: Sendable {
    let path: String
    /// The path of the module whose weight it uses: another's for a tied head.
    let weight: String
    let isTransposed: Bool
  }

  private let base: ModelFolder
  private let tuned: ModelFolder
  private let prefix: String
  private let parameters: [String]
  /// The modules that are no linear maps, with the names of their parameters.
  private let plainModules: [(path: String, parameters: [String])]
  /// The path of a head that uses the embedding's weight.
  private let tiedHead: String?
  /// The linear maps with weights of their own.
  let linearMaps: [Map]

  /// - Throws: what reading the configurations throws.
  init(_ base: ModelFolder, _ tuned: ModelFolder) throws {
    (self.base, self.tuned) = (base, tuned)
    prefix = try Architectures.prefix(base.config)
    let architecture = try Architectures.described(by: base.config)
    var maps: [Map] = []
    var plain: [(String, [String])] = []
    architecture.places { site, place in
      guard case .linear(let map) = place else {
        return plain.append((site.path, place.parameters.map(\.path)))
      }
      guard map.weight.path == site.path + ".weight" else { return }
      maps.append(
        Map(path: site.path, weight: map.weight.path, isTransposed: map.storesInputsFirst))
    }
    linearMaps = maps
    plainModules = plain
    let causal = architecture as? CausalModel
    tiedHead = causal.flatMap { $0.isHeadTied ? $0.head.path : nil }
    parameters = architecture.parameters.map(\.path)
  }

  /// `W_tuned − W_base`, `[outputs, inputs]`, in double precision; nil where they are equal.
  ///
  /// - Throws: `ExtractionError`, `AdapterError.notFinite`, and what reading the files throws.
  func difference(of map: Map) throws -> HostMatrix<Double>? {
    guard let (numbers, shape) = try difference(of: map.weight) else { return nil }
    let matrix = HostMatrix(numbers, rows: shape[0], columns: shape[1])
    return map.isTransposed ? matrix.transposed : matrix
  }

  /// The tensors that differ, but for some.
  func remainders(beside extracted: Set<ExactText>) throws -> [Extraction.Remainder] {
    let names = parameters.filter { !extracted.contains(ExactText($0)) }
    return try concurrentMap(names.count) { index -> Extraction.Remainder? in
      guard let (numbers, _) = try difference(of: names[index]) else { return nil }
      return Extraction.Remainder(
        name: names[index], norm: numbers.reduce(0) { $0 + $1 * $1 }.squareRoot())
    }.compactMap { $0 }
  }

  /// The tuned model's tensors of the modules that are no linear maps and of which some parameter differs, under the names
  /// of the base's class; a head that shares the embedding's weight with them.
  func wholeModules(_ differing: Set<ExactText>) throws -> [(name: String, tensor: StoredTensor)] {
    let changed = plainModules.filter {
      $0.parameters.contains { differing.contains(ExactText($0)) }
    }
    return try changed.flatMap { module in
      let tensors = try module.parameters.map { (name: $0, tensor: try tensor($0, in: tuned)) }
      guard let tiedHead, let table = tensors.first,
        table.name.hasSuffix("embed_tokens.weight")
          || table.name.hasSuffix("wte.weight")
      else { return tensors }
      return tensors + [(tiedHead + ".weight", table.tensor)]
    }
  }

  private func difference(of name: String) throws -> ([Double], Shape)? {
    let (first, second) = (try tensor(name, in: base), try tensor(name, in: tuned))
    guard first.shape == second.shape else {
      throw ExtractionError.otherShape(
        name: name, base: "\(first.shape)", tuned: "\(second.shape)")
    }
    let (before, after) = (
      try StoredModule.numbers(of: first), try StoredModule.numbers(of: second)
    )
    guard before != after else { return nil }
    return (zip(after, before).map { Double($0) - Double($1) }, first.shape)
  }

  private func tensor(_ name: String, in folder: ModelFolder) throws -> StoredTensor {
    guard let tensor = folder.tensor(of: name, prefix: prefix) else {
      throw ExtractionError.missing(name: name, folder: folder.url.relativePath)
    }
    return tensor
  }
}
