import LowRank

/// The text of an answer, which comes token by token and ends before a text that stops it.
struct AnswerText {
  private var decoder: StreamDecoder
  private let stops: [[UInt8]]
  /// Text that may be the beginning of one of the stops.
  private var held: [UInt8] = []
  /// Whether one of the stops was found: nothing follows.
  private(set) var isStopped = false

  /// The text behind a prompt.
  init(_ texts: ServedTexts, after prompt: [Int32], stops: [String]) {
    // The last tokens suffice to know how the next ones continue them.
    decoder = StreamDecoder(texts.tokenizer, after: Array(prompt.suffix(16)))
    self.stops = stops.map { Array($0.utf8) }
  }

  /// Adds a token and returns the text that is certain now.
  mutating func append(_ token: Int32) -> String {
    guard !isStopped else { return "" }
    return take(decoder.append(token))
  }

  /// What is left at the end.
  mutating func finish() -> String {
    guard !isStopped else { return "" }
    let text = take(decoder.finish())
    guard !isStopped else { return text }
    defer { held = [] }
    return text + String(decoding: held, as: UTF8.self)
  }

  private mutating func take(_ text: String) -> String {
    guard !stops.isEmpty else { return text }
    held += text.utf8
    let found = stops.compactMap { Self.place(of: $0, in: held) }.min()
    if let found {
      isStopped = true
      defer { held = [] }
      return String(decoding: held[..<found], as: UTF8.self)
    }
    let kept = stops.map { Self.beginning(of: $0, atEndOf: held) }.max() ?? 0
    let sure = held.count - kept
    defer { held.removeFirst(sure) }
    return String(decoding: held[..<sure], as: UTF8.self)
  }

  private static func place(of stop: [UInt8], in text: [UInt8]) -> Int? {
    guard stop.count <= text.count else { return nil }
    return (0...text.count - stop.count).first { start in
      text[start..<start + stop.count].elementsEqual(stop)
    }
  }

  /// How many bytes at the end of a text begin a stop.
  private static func beginning(of stop: [UInt8], atEndOf text: [UInt8]) -> Int {
    var count = min(stop.count - 1, text.count)
    while count > 0 {
      if text.suffix(count).elementsEqual(stop.prefix(count)) { return count }
      count -= 1
    }
    return 0
  }
}
