/// What a template can be given: the values of JSON, dictionaries in the order they were given.
///
/// Strings are equal when their code points are, as in Python: canonically equivalent spellings
/// differ.
public indirect enum TemplateValue: Sendable, Hashable {
  case none
  case bool(Bool)
  case integer(Int)
  case double(Double)
  case string(String)
  case list([TemplateValue])
  case dictionary(TemplateDictionary)

  public static func == (left: TemplateValue, right: TemplateValue) -> Bool {
    switch (left, right) {
    case (.none, .none): true
    case (.bool(let left), .bool(let right)): left == right
    case (.integer(let left), .integer(let right)): left == right
    case (.double(let left), .double(let right)): left == right
    case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
    case (.list(let left), .list(let right)): left == right
    case (.dictionary(let left), .dictionary(let right)): left == right
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .none: hasher.combine(0)
    case .bool(let value): hasher.combine(value)
    case .integer(let value): hasher.combine(value)
    case .double(let value): hasher.combine(value)
    case .string(let value): hasher.combine(Text(value))
    case .list(let values): hasher.combine(values)
    case .dictionary(let values): hasher.combine(values)
    }
  }
}

extension TemplateValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .none }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .double(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral values: TemplateValue...) { self = .list(values) }
  public init(dictionaryLiteral entries: (String, TemplateValue)...) {
    self = .dictionary(TemplateDictionary(entries))
  }
}
