import Foundation

/// The lines of a text, split on bytes.
///
/// A line ends with a line feed, before which one carriage return is dropped. A byte order mark at the
/// beginning of the text is not part of the first line.
struct Lines: Sequence, IteratorProtocol {
  private var rest: UnsafeRawBufferPointer.SubSequence
  /// The number of the line that was returned last, counted from 1.
  private(set) var number = 0

  init(_ bytes: UnsafeRawBufferPointer) { rest = withoutByteOrderMark(bytes) }

  mutating func next() -> (number: Int, bytes: UnsafeRawBufferPointer)? {
    guard let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty else {
      return nil
    }
    number += 1
    let end = memchr(start, 0x0a, rest.count).map { UnsafeRawPointer($0) - start } ?? rest.count
    var line = rest.prefix(end)
    rest = rest.dropFirst(end + 1)
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    return (number, UnsafeRawBufferPointer(rebasing: line))
  }
}

func withoutByteOrderMark(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer.SubSequence {
  bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
}

/// Bytes of a file as text.
func validated(
  _ bytes: some Sequence<UInt8>, at place: @autoclosure () -> String
) throws(DataError) -> String {
  guard let text = String(validating: bytes, as: UTF8.self) else {
    throw DataError(place(), "the text is not valid UTF-8")
  }
  return text
}
