/// The header fields of a message, in their order; names are case-insensitive.
package struct HTTPFields: Sendable, ExpressibleByDictionaryLiteral {
  package private(set) var list: [(name: String, value: String)] = []

  package init() {}

  package init(dictionaryLiteral elements: (String, String)...) {
    list = elements.map { (name: $0, value: $1) }
  }

  /// The first value of a name; setting it replaces all values of the name.
  package subscript(name: String) -> String? {
    get { list.first { Self.isSame($0.name, name) }?.value }
    set {
      list.removeAll { Self.isSame($0.name, name) }
      if let newValue { append(name, newValue) }
    }
  }

  /// All values of a name.
  package func values(of name: String) -> [String] {
    list.filter { Self.isSame($0.name, name) }.map(\.value)
  }

  /// Adds a field, even if there is one of the same name.
  package mutating func append(_ name: String, _ value: String) {
    list.append((name: name, value: value))
  }

  /// The elements of a list such as `Connection: keep-alive, Upgrade`, in lowercase.
  func words(of name: String) -> [Substring] {
    values(of: name).flatMap { value in
      value.lowercased().split(separator: ",").map { word in
        var word = word.drop { $0 == " " || $0 == "\t" }
        while word.last == " " || word.last == "\t" { word.removeLast() }
        return word
      }
    }
  }

  private static func isSame(_ first: String, _ second: String) -> Bool {
    let (first, second) = (first.utf8, second.utf8)
    return first.count == second.count
      && zip(first, second).allSatisfy { lowercase($0) == lowercase($1) }
  }

  private static func lowercase(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}
