import LowRankCheckpoints
import LowRankTransformers

extension StoredAdapter {
  /// What stands on the backbone of the model that it belongs to; nil where it does not say.
  ///
  /// - Throws: as ``AdapterFolder/head``.
  public var head: ModelHead? {
    get throws { format == .peft ? try AdapterFolder(at: url).head : nil }
  }

  /// The metadata that must match, if both adapters have it, for two adapters with equal weights to be equal: the
  /// task, its classes in order, and the base.
  package var purpose: [(key: String, value: JSONValue?)] {
    [
      ("task_type", config["task_type"]), ("id2label", facts?.task?["id2label"]),
      ("base_fingerprint", baseFingerprint.map { .string($0) }),
    ]
  }

  /// The entries of ``purpose`` in which two adapters differ.
  package func differingPurpose(from other: StoredAdapter) -> [String] {
    zip(purpose, other.purpose).filter { mine, theirs in
      guard let a = mine.value, let b = theirs.value, a != .null, b != .null else { return false }
      return a != b
    }.map(\.0.key)
  }
}
