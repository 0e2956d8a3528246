import Foundation
import LowRankCheckpoints

extension AdapterDraft {
  /// Leaves out the copies of base weights that PEFT saves beside the factors of embeddings and heads.
  ///
  /// A copy is left out only where it holds the numbers that the base has; one that differs, as after a change of the
  /// vocabulary, says something and stays.
  ///
  /// - Throws: what opening the model folder and reading its tensors throws.
  public mutating func forgetCopies(of model: URL) throws {
    let suffix = ".base_layer.weight"
    guard others.contains(where: { $0.name.hasSuffix(suffix) }) else { return }
    let base = try ModelFolder(at: model)
    others = try others.filter { tensor in
      guard let stem = tensor.name.droppingSuffix(suffix)?.droppingPrefix(AdapterFolder.prefix),
        let weight = base[TensorName(stem.text + ".weight")], weight.shape == tensor.shape
      else { return true }
      return try weight.floats() != tensor.floats()
    }
  }
}
