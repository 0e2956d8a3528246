import LowRankCheckpoints
import LowRankTransformers

/// What the configurations of two models say differently, which no adapter holds.
public struct ConfigurationDifference: Hashable, Sendable {
  /// The keys whose values differ, or that only one has, by name.
  public let keys: [String]
  /// Whether the same weights would compute something else.
  public let changesNumbers: Bool

  /// Compares two configurations of one architecture; keys that only keep books are left out.
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
