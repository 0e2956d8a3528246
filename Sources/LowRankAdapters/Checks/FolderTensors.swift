import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// The tensors of a folder, each of which somebody must take.
struct FolderTensors {
  private let tensors: CheckpointFile
  private let isFinite: Bool
  private(set) var taken: Set<TensorName> = []
  /// Tensors that belong to a module but are not loaded.
  private var passedOver: Set<TensorName> = []
  /// The paths of the embeddings and the head, which have a row for each token of the vocabulary.
  private let vocabulary: Set<String>
  /// What is wrong with numbers that were taken although they are not finite.
  private(set) var problems: [LoadProblem] = []
  var file: String { tensors.url.relativePath }

  /// - Parameter mustBeFinite: whether numbers that are not finite are an error, and not only remembered.
  init(_ folder: AdapterFolder, on base: Model, mustBeFinite: Bool) {
    (tensors, isFinite) = (folder.file, mustBeFinite)
    let head = (base.architecture as? CausalModel)?.head.path
    vocabulary = Set([base.architecture.backbone.tokenTable.path, head].compactMap(\.self))
  }

  /// Whether the file has a tensor of this name, given without the prefix.
  func has(_ name: String) -> Bool {
    tensors[TensorName(AdapterFolder.fullName(of: name))] != nil
  }

  /// Does not load a tensor that belongs to a module, because it equals the base's or cannot be loaded.
  mutating func passOver(_ name: String) {
    passedOver.insert(TensorName(AdapterFolder.fullName(of: name)))
  }

  /// The numbers of a tensor of a module, checked for shape and finiteness.
  ///
  /// - Throws: `LoadProblem`, and what reading the file throws.
  mutating func take(_ name: String, _ shape: Shape, of module: String) throws -> [Float] {
    let full = AdapterFolder.fullName(of: name)
    guard let tensor = tensors[TensorName(full)] else {
      throw LoadProblem(
        .tensors, file, "\(module): the tensor \(full) is missing\(hint(name, of: module))")
    }
    guard tensor.shape == shape else {
      throw LoadProblem(
        .shapes, file,
        "\(module): the tensor \(full) has shape \(tensor.shape), expected \(shape)"
          + resizing(tensor.shape, shape, of: module))
    }
    let values = try tensor.floats()
    if !values.allSatisfy(\.isFinite) {
      let problem = LoadProblem(
        .finite, file, "\(module): the tensor \(full) holds a number that is not finite")
      guard !isFinite else { throw problem }
      problems.append(problem)
    }
    taken.insert(tensor.name)
    return values
  }

  /// What to do if an embedding has a different number of rows than the base's, because tokens were added.
  private func resizing(_ found: Shape, _ expected: Shape, of module: String) -> String {
    guard vocabulary.contains(module), found.rank == 2, found[1] == expected[1] else { return "" }
    return """
      : the adapter was trained on a base whose vocabulary has \(found[0]) tokens. PEFT does not load it on this base \
      either; resize the base's embeddings in transformers (resize_token_embeddings(\(found[0]))), save the base, and give \
      that folder
      """
  }

  /// The tensors that only training needs, which are not loaded.
  var forTraining: [TensorName] { tensors.names.filter(ConfigurationKey.isForTraining) }

  /// The tensors that nobody took, but for those of modules that are left out.
  func remaining(leavingOut modules: Set<String>) -> LoadProblem? {
    let names = tensors.names.filter { name in
      !taken.contains(name) && !passedOver.contains(name)
        && !ConfigurationKey.isForTraining(name)
        && !modules.contains { name.hasPrefix(AdapterFolder.prefix + $0 + ".") }
    }.sorted().map(\.text)
    guard !names.isEmpty else { return nil }
    return LoadProblem(
      .tensors, file,
      "\(names.count) tensor\(names.count == 1 ? " belongs" : "s belong") to no adapted module: "
        + names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", …" : ""))
  }

  /// The tensor that goes by a missing one's name behind another prefix.
  private func hint(_ name: String, of module: String) -> String {
    // From the layer's number on: less would fit the same module of any layer.
    let path = module.split(separator: ".").drop { Int($0) == nil }.joined(separator: ".")
    let factor = name.utf8.dropFirst(module.utf8.count)
    let end = (path.isEmpty ? module : path) + String(Substring(factor))
    let candidates = tensors.names.filter { $0.hasSuffix("." + end) || $0.text == end }
    return candidates.first.map { "; the file has \($0) instead" } ?? ""
  }
}
