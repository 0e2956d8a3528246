import LowRankDigests

/// A SHA-256 in hexadecimal.
enum SHA256Text {
  static func of(_ text: String) -> String { (try? Digest.sha256(text.utf8)) ?? "" }
}
