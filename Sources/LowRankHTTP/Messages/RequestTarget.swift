/// The target of a request: a path with an optional query.
package struct RequestTarget: Hashable, Sendable {
  /// The path and query as received.
  package let text: String

  package init(_ text: String) { self.text = text }

  /// The path as received.
  package var path: Substring { text.prefix { $0 != "?" } }

  /// The part after the first question mark, as received.
  package var query: Substring? {
    text.firstIndex(of: "?").map { text[text.index(after: $0)...] }
  }

  /// The components of the path, percent-decoded.
  ///
  /// An encoded slash stays within its component, and empty components are dropped. No component leads out of its
  /// folder.
  ///
  /// - Throws: ``HTTPFailure`` if a part is not UTF-8, has a wrong escape or a zero byte, or is `.` or `..`.
  package func segments() throws -> [String] {
    try path.split(separator: "/").map { part in
      guard let segment = Self.decoded(part), !segment.utf8.contains(0) else {
        throw HTTPFailure(.badRequest, "The path has a wrong escape.")
      }
      guard segment != ".", segment != ".." else {
        throw HTTPFailure(.badRequest, "The path leads out of its folder.")
      }
      return segment
    }
  }

  /// Percent-decodes a text; nil if an escape is invalid or the bytes are not UTF-8.
  package static func decoded(_ text: some StringProtocol) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8.makeIterator()
    while let byte = rest.next() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.next().flatMap(digit), let low = rest.next().flatMap(digit) else {
        return nil
      }
      bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    Character(UnicodeScalar(byte)).hexDigitValue.map { UInt8($0) }
  }
}
