/// Writes JSON, one piece after the other.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  /// Writes text as it is.
  mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

  /// Writes a string in quotes.
  mutating func string(_ text: some Sequence<UInt8>) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 0..<0x20: raw("\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16))
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Writes a key and its colon.
  mutating func key(_ name: String) {
    string(name.utf8)
    raw(": ")
  }

  /// Writes elements with commas between.
  mutating func list<Element>(
    _ elements: some Sequence<Element>, separator: String = ",",
    _ write: (inout JSONWriter, Element) -> Void
  ) {
    var isFirst = true
    for element in elements {
      if !isFirst { raw(separator) }
      isFirst = false
      write(&self, element)
    }
  }

  /// A string in quotes.
  static func quoted(_ text: String) -> String {
    var writer = JSONWriter()
    writer.string(text.utf8)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}
