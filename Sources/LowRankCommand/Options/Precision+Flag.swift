import LowRank

extension Precision {
  /// The precision that `--precision` names.
  ///
  /// - Throws: `UsageError` for another word.
  init(flag: String) throws {
    guard let precision = Precision(rawValue: flag) else {
      throw UsageError.value(flag, of: "--precision", expected: ["f32", "bf16", "auto"])
    }
    self = precision
  }
}
