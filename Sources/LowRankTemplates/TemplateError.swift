/// Why a template was not read or not rendered.
public struct TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Kind: Hashable, Sendable {
    /// The template is not of the language.
    case syntax
    /// The template refused what it was given, with `raise_exception`.
    case raised
    /// An operation of the template failed on the values given.
    case runtime
    /// One of the `TemplateLimits` was reached.
    case limit
    /// A file that should hold a template does not.
    case file
  }

  public let kind: Kind
  /// What happened, a sentence without its full stop.
  public let message: String
  /// The line of the template, from 1.
  public internal(set) var line: Int?

  package init(_ kind: Kind, _ message: String, line: Int? = nil) {
    self.kind = kind
    self.message = message
    self.line = line
  }

  public var description: String {
    let place = line.map { " (line \($0) of the template)" } ?? ""
    return switch kind {
    case .syntax: "the chat template cannot be read\(place): \(message)"
    case .raised: "the chat template refuses this conversation\(place): \(message)"
    case .runtime: "the chat template failed\(place): \(message)"
    case .limit: "the chat template was stopped\(place): \(message)"
    case .file: "\(message)"
    }
  }

  static func runtime(_ message: String) -> TemplateError { TemplateError(.runtime, message) }
}
