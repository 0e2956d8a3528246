import Foundation

/// A regular expression over module paths, kept with its text.
///
/// The syntax is ICU's, which reads what Python's `re` reads, lookbehind included, but for `(?P<name>…)`.
public struct PathPattern: Hashable, Sendable, CustomStringConvertible {
  /// The text as it was written.
  public let description: String
  private let compiled: NSRegularExpression

  /// A pattern that matches whole paths.
  ///
  /// - Throws: `PatternError` where the text is no regular expression.
  public init(_ text: String) throws(PatternError) {
    try self.init(text, compiling: text)
  }

  /// A pattern that matches where a path begins, with one group of interest.
  init(prefix text: String) throws(PatternError) {
    try self.init(text, compiling: "(?:\(text)).*")
  }

  /// PEFT's pattern for the keys of `rank_pattern` and `alpha_pattern`: the key, whole, behind any dotted path.
  init(key: String) throws(PatternError) {
    try self.init(key, compiling: "(?:.*\\.)?(?:\(key))")
  }

  private init(_ text: String, compiling pattern: String) throws(PatternError) {
    // The text alone must be one too: "a)|(b" is none, though it is one between parentheses.
    guard (try? NSRegularExpression(pattern: text)) != nil,
      let compiled = try? NSRegularExpression(pattern: "(?:\(pattern))\\z")
    else { throw PatternError(pattern: text) }
    self.description = text
    self.compiled = compiled
  }

  /// Whether the whole of a path matches.
  func matchesWhole(_ path: String) -> Bool { match(path) != nil }

  /// What the first group matched.
  func firstCapture(in path: String) -> String? {
    guard let match = match(path), match.numberOfRanges > 1 else { return nil }
    return Range(match.range(at: 1), in: path).map { String(path[$0]) }
  }

  private func match(_ path: String) -> NSTextCheckingResult? {
    compiled.firstMatch(
      in: path, options: .anchored, range: NSRange(location: 0, length: path.utf16.count))
  }
}

/// A text that is no regular expression.
public struct PatternError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The text.
  public let pattern: String
  /// One sentence.
  public var description: String { "\"\(pattern)\" is not a regular expression" }
}
