/// What an expression gives: the values of Python that a template can hold.
enum Value {
  /// What is not there, with the sentence that using it further is answered with.
  case undefined(String)
  case none
  case bool(Bool)
  case integer(Int)
  case double(Double)
  case string(Text)
  case list(Items)
  case tuple(Items)
  case dictionary(Mapping)
  case range(IntegerRange)
  /// What `keys`, `values` and `items` of a dictionary give.
  case view(String, Items)
  case object(TemplateObject)

  static var empty: Value { .string(Text(bytes: [])) }

  static func string(_ string: String) -> Value { .string(Text(string)) }

  /// Python's name of the type.
  var typeName: String {
    switch self {
    case .undefined: "Undefined"
    case .none: "NoneType"
    case .bool: "bool"
    case .integer: "int"
    case .double: "float"
    case .string: "str"
    case .list: "list"
    case .tuple: "tuple"
    case .dictionary: "dict"
    case .range: "range"
    case .view(let name, _): name
    case .object(let object): object.typeName
    }
  }

  var isUndefined: Bool {
    if case .undefined = self { return true }
    return false
  }

  /// How many containers are inside one another here.
  var depth: Int {
    switch self {
    case .list(let items), .tuple(let items), .view(_, let items): items.depth
    case .dictionary(let mapping): mapping.depth
    default: 0
    }
  }

  /// What Python takes for true.
  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .bool(let value): value
    case .integer(let value): value != 0
    case .double(let value): value != 0
    case .string(let text): !text.isEmpty
    case .list(let items), .tuple(let items), .view(_, let items): !items.values.isEmpty
    case .dictionary(let mapping): !mapping.isEmpty
    case .range(let range): range.count > 0
    case .object: true
    }
  }

  /// The value as a whole number: booleans are 0 and 1.
  var integer: Int? {
    switch self {
    case .bool(let value): value ? 1 : 0
    case .integer(let value): value
    default: nil
    }
  }

  var number: Double? {
    if case .double(let value) = self { return value }
    return integer.map(Double.init)
  }

  var text: Text? {
    if case .string(let text) = self { return text }
    return nil
  }
}

/// The values of a list or a tuple.
struct Items {
  let values: [Value]
  let depth: Int
  /// Whether it is a group of `groupby`, whose two values have names.
  var isGroup = false

  init(_ values: [Value]) {
    self.values = values
    var deepest = 0
    for value in values { deepest = max(deepest, value.depth) }
    depth = deepest + 1
  }
}
