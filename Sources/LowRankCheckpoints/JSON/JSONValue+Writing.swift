import Foundation

/// How a JSON text is laid out.
public struct JSONLayout: Hashable, Sendable {
  /// Whether every value stands on a line of its own, indented by two spaces a level.
  public var isIndented: Bool
  /// Whether keys are ordered by their bytes rather than as they were inserted.
  public var sortsKeys: Bool

  /// A layout.
  public init(isIndented: Bool = false, sortsKeys: Bool = false) {
    self.isIndented = isIndented
    self.sortsKeys = sortsKeys
  }

  /// Everything on one line, without a space.
  public static let compact = Self()
  /// A line for each value, indented by two spaces a level.
  public static let pretty = Self(isIndented: true)
  /// A line for each value, and keys in order.
  public static let sorted = Self(isIndented: true, sortsKeys: true)
}

extension JSONValue {
  /// The value as text, without a newline at the end.
  public func text(_ layout: JSONLayout = .compact) -> String {
    String(decoding: bytes(layout), as: UTF8.self)
  }

  /// The value as UTF-8 text, without a newline at the end.
  public func bytes(_ layout: JSONLayout = .compact) -> [UInt8] {
    var writer = JSONWriter(layout: layout)
    writer.write(self, depth: 0)
    return writer.bytes
  }

  /// Writes the value to a file, with a newline at the end.
  ///
  /// - Throws: `FileError`; publish the file, or its folder, so that it is never seen half written.
  public func write(to url: URL, _ layout: JSONLayout = .pretty) throws(FileError) {
    let file = try OutputFile(at: url)
    try file.write(bytes(layout) + [UInt8(ascii: "\n")])
    try file.close()
  }
}

private struct JSONWriter {
  let layout: JSONLayout
  var bytes: [UInt8] = []

  mutating func write(_ value: JSONValue, depth: Int) {
    switch value {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let bool): bytes.append(contentsOf: (bool ? "true" : "false").utf8)
    case .number(let number): bytes.append(contentsOf: number.text.utf8)
    case .string(let string): write(string)
    case .array(let array):
      write(array, between: "[", and: "]", depth: depth) { writer, element in
        writer.write(element, depth: depth + 1)
      }
    case .object(let object):
      let entries =
        layout.sortsKeys
        ? object.entries.sorted { ExactText($0.key) < ExactText($1.key) } : object.entries
      write(entries, between: "{", and: "}", depth: depth) { writer, entry in
        writer.write(entry.key)
        writer.bytes.append(contentsOf: (writer.layout.isIndented ? ": " : ":").utf8)
        writer.write(entry.value, depth: depth + 1)
      }
    }
  }

  private mutating func write<Element>(
    _ elements: [Element], between start: Unicode.Scalar, and end: Unicode.Scalar, depth: Int,
    _ write: (inout JSONWriter, Element) -> Void
  ) {
    bytes.append(UInt8(ascii: start))
    for (position, element) in elements.enumerated() {
      if position > 0 { bytes.append(UInt8(ascii: ",")) }
      breakLine(depth: depth + 1)
      write(&self, element)
    }
    if !elements.isEmpty { breakLine(depth: depth) }
    bytes.append(UInt8(ascii: end))
  }

  private mutating func breakLine(depth: Int) {
    guard layout.isIndented else { return }
    bytes.append(UInt8(ascii: "\n"))
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
  }

  private mutating func write(_ string: String) {
    bytes.append(UInt8(ascii: "\""))
    var string = string
    string.withUTF8 { text in
      var written = 0
      for (position, byte) in text.enumerated() {
        guard let escape = Self.escape(of: byte) else { continue }
        bytes.append(contentsOf: text[written..<position])
        bytes.append(contentsOf: escape.utf8)
        written = position + 1
      }
      bytes.append(contentsOf: text[written...])
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// How a byte of a string is written where it cannot stand for itself.
  private static func escape(of byte: UInt8) -> String? {
    switch byte {
    case UInt8(ascii: "\""): #"\""#
    case UInt8(ascii: "\\"): #"\\"#
    case 0x08: #"\b"#
    case 0x09: #"\t"#
    case 0x0a: #"\n"#
    case 0x0c: #"\f"#
    case 0x0d: #"\r"#
    case 0x00..<0x10: #"\u000"# + String(byte, radix: 16)
    case 0x10..<0x20: #"\u00"# + String(byte, radix: 16)
    default: nil
    }
  }
}
