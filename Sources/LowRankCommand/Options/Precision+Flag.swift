import LowRank

extension Precision {
  /// The precision that `--precision` names.
  ///
  /// - Throws: `UsageError` for another word.
  init(flag: String) throws {
    guard let precision = Precision(rawValue: flag) else {
      throw UsageError("--precision is \"\(flag)\", expected f32, bf16 or auto")
    }
    self = precision
  }
}
