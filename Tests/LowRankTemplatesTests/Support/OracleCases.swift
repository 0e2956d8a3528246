import Foundation
import LowRankTemplates
import Testing

/// What the reference made of templates, as `Oracles/templates_fixture.py` wrote it.
struct OracleCases {
  struct Case {
    let name: String
    let template: String
    let variables: TemplateDictionary
    let expected: Expected
  }

  enum Expected {
    case text(RenderedText)
    /// An error; the message where the template itself raised it.
    case error(String?)
  }

  let cases: [Case]

  init(_ file: URL) throws {
    let root = try Self.dictionary(TemplateValue(json: Data(contentsOf: file)))
    let templates = try root["templates"].map(Self.dictionary) ?? [:]
    let variables = try root["variables"].map(Self.dictionary) ?? [:]
    guard case .list(let entries) = root["cases"] else { throw CocoaError(.fileReadCorruptFile) }
    cases = try entries.map { entry in
      let entry = try Self.dictionary(entry)
      let name = try Self.string(#require(entry["template"]))
      // A case names its template and its variables, or writes the template out.
      let given = try entry["variables"].map(Self.string) ?? "variables"
      return Case(
        name: entry["variables"] == nil ? name : "\(name) on \(given)",
        template: try templates[name].map(Self.string) ?? name,
        variables: Self.absent.merging(try Self.dictionary(#require(variables[given]))),
        expected: try Self.expected(entry))
    }
  }

  /// What transformers gives where the caller does not.
  private static let absent: TemplateDictionary = [
    "messages": nil, "tools": nil, "documents": nil, "add_generation_prompt": false,
  ]

  private static func expected(_ entry: TemplateDictionary) throws -> Expected {
    guard let text = entry["text"] else {
      return .error(try entry["error"].flatMap { $0 == .none ? nil : try string($0) })
    }
    var ranges: [Range<Int>] = []
    if case .list(let pairs) = entry["generated"] {
      for case .list(let pair) in pairs {
        guard case .integer(let start) = pair[0], case .integer(let end) = pair[1] else { continue }
        ranges.append(start..<end)
      }
    }
    return .text(RenderedText(text: try string(text), generated: ranges))
  }

  private static func dictionary(_ value: TemplateValue) throws -> TemplateDictionary {
    guard case .dictionary(let dictionary) = value else { throw CocoaError(.fileReadCorruptFile) }
    return dictionary
  }

  private static func string(_ value: TemplateValue) throws -> String {
    guard case .string(let string) = value else { throw CocoaError(.fileReadCorruptFile) }
    return string
  }
}

extension OracleCases.Case {
  /// The time of the oracle.
  private static let clock = TemplateClock.fixed(
    Date(timeIntervalSince1970: 1_772_874_304.123456))

  /// How our rendering differs; nil where it does not.
  func difference() -> String? {
    let ours: Result<RenderedText, TemplateError>
    do throws(TemplateError) {
      ours = .success(try Template(template).renderMarking(variables, clock: Self.clock))
    } catch {
      ours = .failure(error)
    }
    switch (expected, ours) {
    case (.text(let text), .success(let rendered)):
      if text == rendered { return nil }
      return "\(name): \(rendered.text.debugDescription) \(rendered.generated), expected "
        + "\(text.text.debugDescription) \(text.generated)"
    case (.error(let message?), .failure(let error)):
      return error.kind == .raised && error.message == message
        ? nil : "\(name): \(error), expected \"\(message)\" to be raised"
    case (.error(nil), .failure(let error)):
      return error.kind == .raised ? "\(name): \(error), expected another error" : nil
    case (.error, .success(let rendered)):
      return "\(name): \(rendered.text.debugDescription), expected an error"
    case (.text(let text), .failure(let error)):
      return "\(name): \(error), expected \(text.text.debugDescription)"
    }
  }
}
