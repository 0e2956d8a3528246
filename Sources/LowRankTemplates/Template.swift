/// A template in the language that Hugging Face tokenizers write chat templates in: Jinja as
/// transformers sets it up, sandboxed, with blocks trimmed on both sides.
///
/// Rendering is equal to Python's. Not there, each refused with a sentence: other templates
/// (`include`, `import`, `extends`, `block`), automatic escaping (`escape` gives a plain string),
/// integers of more than 64 bits, and the filters `filesizeformat pprint random striptags urlize
/// wordwrap xmlattr`. Undefined values print as nothing, and using one further is an error.
public struct Template: Sendable {
  public let source: String
  private let limits: TemplateLimits
  private let statements: [Statement]

  /// Reads a template.
  ///
  /// Throws `TemplateError`, with the line, where it is not of the language or exceeds the limits.
  public init(_ source: String, limits: TemplateLimits = .standard) throws(TemplateError) {
    self.source = source
    self.limits = limits
    guard source.utf8.count <= limits.templateBytes else {
      throw TemplateError(
        .limit, "it has \(source.utf8.count) bytes, and \(limits.templateBytes) are allowed")
    }
    statements = try Parser.statements(of: source, limits: limits)
  }

  /// The text that the template makes of its variables.
  ///
  /// Throws `TemplateError` where the template refuses them, fails on them, or takes too long.
  public func render(
    _ variables: TemplateDictionary, clock: TemplateClock = .system
  ) throws(TemplateError) -> String {
    try Interpreter(variables, limits: limits, clock: clock, marks: false).run(statements).text
  }

  /// The text with the UTF-8 byte ranges produced inside `{% generation %}`.
  ///
  /// Throws as `render` does, and where a generation block stands inside a macro, a call, a filter
  /// or a `set` block: where its text comes to stand cannot be told then.
  public func renderMarking(
    _ variables: TemplateDictionary, clock: TemplateClock = .system
  ) throws(TemplateError) -> RenderedText {
    try Interpreter(variables, limits: limits, clock: clock, marks: true).run(statements)
  }
}
