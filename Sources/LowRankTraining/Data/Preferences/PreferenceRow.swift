import LowRankCheckpoints

/// A row of preferences: a prompt with its answers, the preferred one first, or with one that is good or bad.
public struct PreferenceRow: Hashable, Sendable {
  /// How the prompt and the answers are written.
  public enum Content: Hashable, Sendable {
    /// As texts.
    case texts(prompt: String, answers: [String])
    /// As turns of a conversation, written by the chat template.
    case turns(prompt: [JSONObject], answers: [[JSONObject]], tools: [JSONValue])
  }

  /// The prompt and the answers.
  public let content: Content
  /// Whether the only answer is a good one; true for pairs.
  public var isDesirable = true

  /// A row.
  public init(_ content: Content, isDesirable: Bool = true) {
    (self.content, self.isDesirable) = (content, isDesirable)
  }

  /// The same for rows that say the same.
  var key: MurmurHash3 {
    let parts: [JSONValue] =
      switch content {
      case .texts(let prompt, let answers):
        [.string(prompt)] + answers.map { .string($0) }
      case .turns(let prompt, let answers, let tools):
        ([prompt] + answers).map { .array($0.map { .object($0) }) } + [.array(tools)]
      }
    return JSONValue.array(parts + [.bool(isDesirable)]).bytes(JSONLayout(sortsKeys: true))
      .withUnsafeBytes { MurmurHash3(of: $0) }
  }

  /// A pair without a prompt of its own, whose answers begin with it, divided where they begin to differ.
  ///
  /// A space before the first difference belongs to the answers, as in TRL. Both answers are left as they are where they
  /// are equal.
  static func divided(_ chosen: String, _ rejected: String) -> PreferenceRow {
    let (first, second) = (Array(chosen.unicodeScalars), Array(rejected.unicodeScalars))
    var count = zip(first, second).prefix { $0 == $1 }.count
    if count == min(first.count, second.count) {
      // One answer begins with the other: the shorter one keeps something.
      count = max(0, count - 1)
    } else if count > 0, first[count - 1] == " " {
      count -= 1
    }
    func text(_ scalars: some Sequence<Unicode.Scalar>) -> String {
      String(String.UnicodeScalarView(scalars))
    }
    return PreferenceRow(
      .texts(
        prompt: text(first.prefix(count)),
        answers: [text(first.dropFirst(count)), text(second.dropFirst(count))]))
  }

  /// A pair of conversations, divided where their turns begin to differ.
  static func divided(
    _ chosen: [JSONObject], _ rejected: [JSONObject], tools: [JSONValue]
  ) -> PreferenceRow {
    var count = zip(chosen, rejected).prefix { $0 == $1 }.count
    if count == min(chosen.count, rejected.count) { count = max(0, count - 1) }
    return PreferenceRow(
      .turns(
        prompt: Array(chosen.prefix(count)),
        answers: [Array(chosen.dropFirst(count)), Array(rejected.dropFirst(count))], tools: tools))
  }
}
