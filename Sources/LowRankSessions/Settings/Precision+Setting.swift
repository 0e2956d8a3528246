import LowRank

extension Precision {
  /// The precision of a name.
  ///
  /// - Throws: `SettingsError` for another word.
  package init(setting name: String) throws {
    guard let precision = Precision(rawValue: name) else {
      throw SettingsError.value(name, of: .precision, expected: ["f32", "bf16", "auto"])
    }
    self = precision
  }
}
