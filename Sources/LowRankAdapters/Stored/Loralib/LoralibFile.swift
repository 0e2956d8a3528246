import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// The factors in a file of microsoft/LoRA: `lora_state_dict` names them by module, without `.weight`.
///
/// `Linear` holds A as `[rank, inputs]` and B as `[outputs, rank]`. `MergedLinear` holds those of k parts of a fused map one
/// after the other, A as `[k · rank, inputs]` and B as `[k · part, rank]`, and multiplies them part by part (a convolution in
/// k groups).
struct LoralibFile {
  /// The factors of a module.
  struct Pair {
    let path: String
    let down: StoredTensor
    let up: StoredTensor
    /// What is adapted.
    let place: ModuleSlot
  }

  let file: CheckpointFile
  private(set) var pairs: [Pair] = []
  /// The tensors that are no factors, by their names in the model.
  private(set) var others: [StoredTensor] = []

  private static let (downSuffix, upSuffix) = (".lora_A", ".lora_B")
  /// What `DataParallel` puts before every name.
  private static let parallelPrefix = "module."

  /// Opens a file and pairs its factors.
  ///
  /// - Throws: `AdapterError` where a factor lacks its partner or belongs to no module of the model, and what opening the file
  ///   throws.
  init(at url: URL, for base: any Architecture) throws {
    file = try CheckpointFile(at: url)
    try file.checkTypes()
    let source = url.relativePath
    let isParallel = file.names.allSatisfy { $0.hasPrefix(Self.parallelPrefix) }
    var tensors: [TensorName: StoredTensor] = [:]
    for tensor in file.tensors {
      let name =
        isParallel ? tensor.name.droppingPrefix(Self.parallelPrefix) ?? tensor.name : tensor.name
      tensors[name] = tensor.renamed(name)
    }
    var places: [String: ModuleSlot] = [:]
    base.places { site, place in places[site.path] = place }
    for name in tensors.keys.sorted() {
      guard let path = name.droppingSuffix(Self.downSuffix)?.text else { continue }
      guard let up = tensors.removeValue(forKey: TensorName(path + Self.upSuffix)),
        let down = tensors.removeValue(forKey: name)
      else { throw AdapterError.missingTensor(file: source, name: path + Self.upSuffix) }
      guard let place = places[path] else {
        throw AdapterError.unexpectedTensors(file: source, names: [down.name.text])
      }
      guard down.shape.rank == 2, up.shape.rank == 2, up.shape[1] > 0, down.shape[0] > 0 else {
        throw AdapterError.misshapenTensor(
          file: source, name: down.name.text, found: "\(down.shape) beside \(up.shape)",
          expected: "[rank, inputs] beside [outputs, rank]")
      }
      pairs.append(Pair(path: path, down: down, up: up, place: place))
    }
    others = tensors.values.sorted { $0.name < $1.name }
    if let stray = others.first(where: { $0.name.hasSuffix(Self.upSuffix) }) {
      let stem = stray.name.text.dropLast(Self.upSuffix.count)
      throw AdapterError.missingTensor(file: source, name: stem + Self.downSuffix)
    }
  }

  /// Whether tensors are named as loralib does.
  static func isLoralib(_ names: [TensorName]) -> Bool {
    names.contains { $0.hasSuffix(downSuffix) }
  }
}
