import Foundation
import LowRankCheckpoints
import LowRankTensors

/// The tensors of a folder, each of which somebody must take.
struct FolderTensors {
  private let tensors: SafetensorsFile
  private let isFinite: Bool
  private(set) var taken: Set<TensorName> = []
  /// What is wrong with numbers that were taken although they are not finite.
  private(set) var problems: [LoadProblem] = []
  private var file: String { tensors.url.relativePath }

  /// - Parameter mustBeFinite: whether numbers that are not finite are an error, and not only remembered.
  init(_ folder: AdapterFolder, mustBeFinite: Bool) {
    (tensors, isFinite) = (folder.file, mustBeFinite)
  }

  /// The numbers of a tensor of a module, checked for shape and finiteness.
  ///
  /// - Throws: `LoadProblem`, and what reading the file throws.
  mutating func take(_ name: String, _ shape: Shape, of module: String) throws -> [Float] {
    let full = AdapterFolder.prefix + name
    guard let tensor = tensors[TensorName(full)] else {
      throw LoadProblem(
        .tensors, file, "\(module): the tensor \(full) is missing\(hint(name, of: module))")
    }
    guard tensor.shape == shape else {
      throw LoadProblem(
        .shapes, file, "\(module): the tensor \(full) has shape \(tensor.shape), expected \(shape)")
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

  /// The tensors that nobody took, but for those of modules that are left out.
  func remaining(leavingOut modules: Set<String>) -> LoadProblem? {
    let names = tensors.names.filter { name in
      !taken.contains(name)
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
