import LowRank
import LowRankCheckpoints

extension AdapterError {
  /// The same error as one about the flag that asked for it; nil if no flag did.
  ///
  /// - Parameter target: the flag that names the modules.
  func usage(target: String = "--target") -> UsageError? {
    switch self {
    case .nothingMatches, .nothingLeft, .cannotAdapt, .cannotSlice:
      UsageError("\(target): \(description)")
    case .unmatched(let key, _, _), .invalid(let key, _, _):
      UsageError(Self.flag(of: key) + description.dropFirst(key.count))
    case .noSuchLayer: UsageError("--\(description)")
    case .cannotExpress: UsageError(description)
    default: nil
    }
  }

  /// Does something that may fail because of a flag, and reports that as wrong usage.
  ///
  /// - Throws: `UsageError`, and what `body` throws.
  static func asUsage<Result>(target: String = "--target", _ body: () throws -> Result) throws
    -> Result
  {
    do { return try body() } catch let error as AdapterError {
      throw error.usage(target: target) ?? error
    }
  }

  private static func flag(of key: String) -> String {
    key == "trainable_token_indices"
      ? "--trainable-tokens" : "--" + key.replacing("_", with: "-")
  }
}
