import LowRankCheckpoints
import LowRankTransformers

/// The differences between the configurations of two models, which no adapter holds.
public struct ConfigurationDifference: Hashable, Sendable {
  /// The keys that differ, or that only one configuration has, by name.
  public let keys: [String]
  /// Whether the same weights would compute different results.
  public let changesNumbers: Bool

  /// Compares two configurations of one architecture; bookkeeping keys are ignored.
  ///
  /// - Throws: what reading the configurations throws.
  public init(_ base: JSONFile, _ tuned: JSONFile) throws {
    let names = Set((base.allKeys + tuned.allKeys).map { ExactText($0) })
    keys = names.sorted().map(\.string).filter { key in
      !Self.bookkeeping.contains(key) && (base[key] ?? .null) != (tuned[key] ?? .null)
    }
    changesNumbers =
      try Architectures.numbers(of: base) != Architectures.numbers(of: tuned)
  }

  private static let bookkeeping: Set = [
    "_name_or_path", "_commit_hash", "transformers_version", "torch_dtype", "dtype", "use_cache",
    "architectures",
  ]
}
