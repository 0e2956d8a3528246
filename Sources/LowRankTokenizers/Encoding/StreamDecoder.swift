/// The text of tokens that come one by one, such as a model writes them.
///
/// A character may be spread over several tokens: nothing of it is given out before it is whole. All
/// that is given out, the rest from `finish()` included, is the text of all tokens together.
public struct StreamDecoder: Sendable {
  private let tokenizer: Tokenizer
  private let skipsSpecialTokens: Bool
  /// The tokens given out last, which the next ones may depend on, and those not given out.
  private var window: [Int32] = []
  private var settled = 0
  /// The text of the tokens that were not given out, with replacement characters for what is not whole.
  public private(set) var held = ""

  /// A decoder of one text, or of what follows the tokens that are given.
  public init(
    _ tokenizer: Tokenizer, after tokens: [Int32] = [], skipSpecialTokens: Bool = true
  ) {
    self.tokenizer = tokenizer
    skipsSpecialTokens = skipSpecialTokens
    window = tokens
    settled = tokens.count
  }

  /// Adds a token and returns the text that it completes, which may be empty.
  public mutating func append(_ id: Int32) -> String {
    window.append(id)
    held = pending
    // An unfinished character shows as a replacement character at the end.
    return held.isEmpty || held.hasSuffix("\u{FFFD}") ? "" : take()
  }

  /// Returns what is left: characters that no token has completed, as replacement characters.
  public mutating func finish() -> String {
    defer { (window, settled, held) = ([], 0, "") }
    return held
  }

  /// The text of the tokens that were not given out, as it follows the one that was.
  private var pending: String {
    let before = decode(window[..<settled])
    let all = decode(window[...])
    guard all.utf8.starts(with: before.utf8) else { return decode(window[settled...]) }
    return String(decoding: all.utf8.dropFirst(before.utf8.count), as: UTF8.self)
  }

  private mutating func take() -> String {
    defer { held = "" }
    window.removeFirst(settled)
    settled = window.count
    return held
  }

  private func decode(_ ids: ArraySlice<Int32>) -> String {
    tokenizer.decode(ids, skipSpecialTokens: skipsSpecialTokens)
  }
}
