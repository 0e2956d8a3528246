/// What a request asks for: a path and perhaps a query.
package struct RequestTarget: Hashable, Sendable {
  /// The path and query as they came.
  package let text: String

  package init(_ text: String) { self.text = text }

  /// The path as it came.
  package var path: Substring { text.prefix { $0 != "?" } }

  /// What follows the first question mark, as it came.
  package var query: Substring? {
    text.firstIndex(of: "?").map { text[text.index(after: $0)...] }
  }

  /// The parts of the path between slashes, without percent signs.
  ///
  /// An encoded slash stays within its part, and an empty part counts for nothing. No part leads out of the
  /// folder that it stands in.
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

  /// A text without its percent signs, or nil where an escape is wrong or the bytes are not UTF-8.
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
