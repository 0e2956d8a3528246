import LowRank

extension AdapterError {
  /// The same error as one about the setting that asked for it; nil if none did.
  ///
  /// - Parameter target: the setting that names the modules.
  package func settingsError(target: RunKey = .target) -> SettingsError? {
    switch self {
    case .nothingMatches, .nothingLeft, .cannotAdapt, .cannotSlice:
      SettingsError("\(target): \(description)")
    case .unmatched(let key, _, _), .invalid(let key, _, _):
      SettingsError(Self.name(of: key) + String(description.dropFirst(key.count)))
    case .noSuchLayer: SettingsError("\(.layers)" + String(description.dropFirst("layers".count)))
    case .cannotExpress: SettingsError(KeyedText(description))
    default: nil
    }
  }

  /// Does something that may fail because of a setting, and reports that as such.
  ///
  /// - Throws: `SettingsError`, and what `body` throws.
  package static func asSettings<Result>(target: RunKey = .target, _ body: () throws -> Result)
    throws
    -> Result
  {
    do { return try body() } catch let error as AdapterError {
      throw error.settingsError(target: target) ?? error
    }
  }

  private static func name(of key: String) -> KeyedText {
    let key = key == "trainable_token_indices" ? "trainable_tokens" : key
    return RunKey(rawValue: key).map { "\($0)" } ?? KeyedText(key)
  }
}
