import Foundation

extension String {
  /// The text with what could steer a terminal, control characters and those that turn the direction of writing, shown by
  /// number instead.
  package var printable: String {
    guard unicodeScalars.contains(where: \.steersTerminals) else { return self }
    return unicodeScalars.map { scalar in
      scalar.steersTerminals ? String(format: "\\u{%X}", scalar.value) : String(scalar)
    }.joined()
  }
}

extension Unicode.Scalar {
  fileprivate var steersTerminals: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
