import Foundation
import LowRankCheckpoints
import LowRankTensors

extension AdapterFolder {
  /// An adapter of another format as PEFT would lay it out, in memory: with the same updates and PEFT's names.
  ///
  /// - Throws: what reading the numbers throws.
  init(converting adapter: StoredAdapter) throws {
    let draft = EditableAdapter(
      adapter, replacing: adapter.modules.map { EditableAdapter.Module($0) })
    let files = try AdapterForm.peft.files(of: draft)
    let weights =
      adapter.format == .mlx ? adapter.url.appending(path: MLXFolder.weightsName) : adapter.url
    let file = try MappedFile(at: weights)
    let tensors = try files.tensors.map { try StoredTensor(producing: $0, of: file) }
    let described =
      adapter.format == .mlx ? adapter.url.appending(path: Self.configName) : adapter.url
    self.init(
      adapter.url, adapter.format, config: JSONFile(files.config, at: described),
      file: CheckpointFile(weights, .safetensors, tensors, metadata: draft.metadata),
      facts: try AdapterFacts(metadata: draft.metadata, file: weights.relativePath))
  }
}
