import LowRank
import LowRankSessions

/// The rows on which chosen variants are compared; nothing is chosen by them.
public enum HeldOutRows: Hashable, Sendable {
  /// The data's own test rows.
  case test
  /// A file.
  case file(String)
  /// A share of the training rows, which no run is trained on.
  case share(Double)

  /// Reads `test`, a path or a share; nil for null.
  ///
  /// - Throws: `SettingsError`.
  init?(_ value: JSONValue, _ name: String) throws {
    if value == .null { return nil }
    if let share = value.double {
      guard share > 0, share < 1 else {
        throw SettingsError(
          "\(name): held_out is \(share), expected a share above 0 and below 1, as 0.1")
      }
      self = .share(share)
      return
    }
    guard let text = value.string, !text.isEmpty else {
      throw SettingsError(
        "\(name): held_out is \(value.text()), expected test, a file, or a share of the training rows"
      )
    }
    self = text == "test" ? .test : .file(text)
  }

  var json: JSONValue {
    switch self {
    case .test: "test"
    case .file(let path): .string(path)
    case .share(let share): .double(share)
    }
  }
}
