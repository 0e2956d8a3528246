/// What a template made, and which of it a model would have written.
public struct RenderedText: Sendable, Hashable {
  public let text: String
  /// The ranges of UTF-8 bytes that `{% generation %}` produced, ascending; none where the
  /// template does not mark them.
  public let generated: [Range<Int>]

  public init(text: String, generated: [Range<Int>] = []) {
    self.text = text
    self.generated = generated
  }

  public static func == (left: RenderedText, right: RenderedText) -> Bool {
    left.text.utf8.elementsEqual(right.text.utf8) && left.generated == right.generated
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(Text(text))
    hasher.combine(generated)
  }
}
