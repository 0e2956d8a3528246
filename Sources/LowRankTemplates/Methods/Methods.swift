/// The methods of Python's types that a template may call.
enum Methods {
  static let string: Set<Text> = [
    "capitalize", "casefold", "center", "count", "endswith", "expandtabs", "find", "format",
    "format_map", "index", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit",
    "isidentifier", "islower", "isnumeric", "isprintable", "isspace", "istitle", "isupper", "join",
    "ljust", "lower", "lstrip", "partition", "removeprefix", "removesuffix", "replace", "rfind",
    "rindex", "rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith",
    "strip", "swapcase", "title", "upper", "zfill",
  ]
  static let list: Set<Text> = ["copy", "count", "index"]
  static let tuple: Set<Text> = ["count", "index"]
  static let dictionary: Set<Text> = ["copy", "get", "items", "keys", "values"]
  static let cycler: Set<Text> = ["next", "reset"]

  /// What Python has there and the sandbox does not hand out.
  static func forbidden(_ name: String, _ value: Value) -> Bool {
    switch value {
    case .list:
      ["append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove"].contains(name)
    case .dictionary: ["clear", "pop", "popitem", "setdefault", "update"].contains(name)
    default: false
    }
  }
}

extension Interpreter {
  func hasMethod(_ name: Text, _ value: Value) -> Bool {
    switch value {
    case .string: Methods.string.contains(name)
    case .dictionary: Methods.dictionary.contains(name)
    case .list: Methods.list.contains(name)
    case .tuple, .range: Methods.tuple.contains(name)
    case .object(let object): object is CyclerObject && Methods.cycler.contains(name)
    default: false
    }
  }

  func callMethod(
    _ name: String, of value: Value, _ arguments: Arguments
  ) throws(TemplateError) -> Value {
    switch value {
    case .string(let text): return try callMethod(name, of: text, arguments)
    case .dictionary(let mapping): return try callMethod(name, of: mapping, arguments)
    case .list, .tuple, .range:
      return try callMethod(name, of: try elements(of: value), value, arguments)
    case .object(let cycler as CyclerObject):
      _ = try arguments.positionalOnly("cycler.\(name)", 0...0)
      if name == "reset" {
        cycler.position = 0
        return .none
      }
      guard !cycler.items.isEmpty else { break }
      defer { cycler.position = (cycler.position + 1) % cycler.items.count }
      return cycler.items[cycler.position]
    case .object(let loop as LoopObject):
      if let result = try callMethod(name, of: loop, arguments) { return result }
    default: break
    }
    throw .runtime("a value of type \(value.typeName) has no method \"\(name)\"")
  }

  private func callMethod(
    _ name: String, of mapping: Mapping, _ arguments: Arguments
  ) throws(TemplateError) -> Value {
    let given = try arguments.positionalOnly("dict.\(name)", name == "get" ? 1...2 : 0...0)
    switch name {
    case "get":
      return mapping[try DictionaryKey(given[0])] ?? (given.count > 1 ? given[1] : .none)
    case "keys": return .view("dict_keys", try items(mapping.entries.map(\.key)))
    case "values": return .view("dict_values", try items(mapping.entries.map(\.value)))
    case "items": return .view("dict_items", try pairs(mapping))
    default: return .dictionary(mapping)
    }
  }

  func pairs(_ mapping: Mapping) throws(TemplateError) -> Items {
    try items(mapping.entries.map { .tuple(Items([$0.key, $0.value])) })
  }

  private func callMethod(
    _ name: String, of values: [Value], _ receiver: Value, _ arguments: Arguments
  ) throws(TemplateError) -> Value {
    let given = try arguments.positionalOnly(name, name == "index" ? 1...3 : 0...1)
    if name == "copy" { return receiver }
    guard let sought = given.first else { throw .runtime("\"\(name)\" lacks an argument") }
    if name == "count" {
      var count = 0
      for value in values where try equal(value, sought) { count += 1 }
      return .integer(count)
    }
    var bounds: [Int?] = [nil, nil]
    for (position, bound) in given.dropFirst().enumerated() {
      guard let bound = bound.integer else { throw .runtime("\"index\" takes integers") }
      bounds[position] = bound
    }
    for position in try Self.positions(values.count, bounds[0], bounds[1], 1) {
      if try equal(values[position], sought) { return .integer(position) }
    }
    throw .runtime("the value that \"index\" seeks is not there")
  }
}
