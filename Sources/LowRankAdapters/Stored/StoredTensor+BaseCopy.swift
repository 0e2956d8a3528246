import LowRankCheckpoints

extension StoredTensor {
  /// Whether the tensor is a copy of a weight of the base, which PEFT saves beside the factors of embeddings and heads; it was
  /// not trained.
  package var isBaseCopy: Bool { name.hasSuffix(".base_layer.weight") }
}
