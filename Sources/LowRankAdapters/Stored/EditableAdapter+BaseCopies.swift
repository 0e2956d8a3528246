import Foundation
import LowRankCheckpoints

extension EditableAdapter {
  /// Removes the copies of base weights that PEFT saves beside the factors: embeddings and heads that are targets, or
  /// whose vocabulary was extended.
  ///
  /// Only copies that are equal to the base's weights are removed. Copies that differ, fully trained modules and
  /// biases stay.
  ///
  /// - Throws: what opening the model folder and reading its tensors throws.
  public mutating func forgetCopies(of model: URL) throws {
    let (suffix, wrapped) = (".weight", ".base_layer.weight")
    guard others.contains(where: { $0.name.hasSuffix(suffix) }) else { return }
    let base = try ModelFolder(at: model)
    let saved =
      try JSONSection(config, of: "adapter_config.json").optionalStrings("modules_to_save") ?? []
    others = try others.filter { tensor in
      let end = tensor.name.hasSuffix(wrapped) ? wrapped : suffix
      guard let stem = tensor.name.droppingSuffix(end)?.droppingPrefix(AdapterFolder.prefix),
        end == wrapped || !saved.contains(where: { stem.text.contains($0) }),
        let weight = base[TensorName(stem.text + suffix)], weight.shape == tensor.shape
      else { return true }
      return try weight.floats() != tensor.floats()
    }
  }
}
