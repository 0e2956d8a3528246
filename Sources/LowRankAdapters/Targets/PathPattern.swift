/// A regular expression over module paths, kept with its text.
public struct PathPattern: Hashable, Sendable, CustomStringConvertible {
  /// The text as it was written.
  public let description: String
  private let compiled: String

  /// A pattern that matches whole paths.
  ///
  /// - Throws: `PatternError` where the text is no regular expression.
  public init(_ text: String) throws(PatternError) {
    try self.init(text, compiled: text)
  }

  /// A pattern that matches where a path begins, with one group of interest.
  init(prefix text: String) throws(PatternError) {
    try self.init(text, compiled: "(?:\(text)).*")
  }

  /// PEFT's pattern for the keys of `rank_pattern` and `alpha_pattern`: the key, whole, behind any dotted path.
  init(key: String) throws(PatternError) {
    try self.init(key, compiled: "(?:.*\\.)?(?:\(key))")
  }

  private init(_ text: String, compiled: String) throws(PatternError) {
    do { _ = try Regex(compiled) } catch { throw PatternError(pattern: text) }
    self.description = text
    self.compiled = compiled
  }

  /// Whether the whole of a path matches.
  func matchesWhole(_ path: String) -> Bool { match(path) != nil }

  /// What the first group matched.
  func firstCapture(in path: String) -> String? {
    guard let match = match(path), match.output.count > 1 else { return nil }
    return match.output[1].substring.map(String.init)
  }

  /// The pattern is compiled where it is used: a `Regex` may not be shared between tasks.
  private func match(_ path: String) -> Regex<AnyRegexOutput>.Match? {
    guard let regex = try? Regex(compiled) else { return nil }
    return path.wholeMatch(of: regex)
  }
}

/// A text that is no regular expression.
public struct PatternError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The text.
  public let pattern: String
  /// One sentence.
  public var description: String { "\"\(pattern)\" is not a regular expression" }
}
