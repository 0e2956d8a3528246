import Foundation

/// The lines of a text, split on bytes.
///
/// A line ends with LF, CRLF or CR, as in Python's text files. A byte order mark at the beginning of the text is not part of
/// the first line.
struct Lines: Sequence, IteratorProtocol {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0
  /// The positions of the next line feed and the next carriage return, or of the end.
  private var (lineFeed, carriageReturn) = (-1, -1)
  /// The number of the line that was returned last, counted from 1.
  private(set) var number = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = UnsafeRawBufferPointer(rebasing: withoutByteOrderMark(bytes))
  }

  mutating func next() -> (number: Int, bytes: UnsafeRawBufferPointer)? {
    guard position < bytes.count else { return nil }
    number += 1
    if lineFeed < position { lineFeed = find(0x0a) }
    if carriageReturn < position { carriageReturn = find(0x0d) }
    let end = Swift.min(lineFeed, carriageReturn)
    let line = UnsafeRawBufferPointer(rebasing: bytes[position..<end])
    position = end + (carriageReturn + 1 == lineFeed && lineFeed < bytes.count ? 2 : 1)
    return (number, line)
  }

  /// The position of the next occurrence of a byte, or the end.
  private func find(_ byte: Int32) -> Int {
    guard let start = bytes.baseAddress else { return bytes.count }
    let found = memchr(start + position, byte, bytes.count - position)
    return found.map { UnsafeRawPointer($0) - start } ?? bytes.count
  }
}

func withoutByteOrderMark(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer.SubSequence {
  bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
}

/// Refuses text that is not UTF-8, such as a spreadsheet's "Unicode text", which is UTF-16.
func requireText(_ bytes: UnsafeRawBufferPointer, of file: String) throws(DataError) {
  if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) {
    throw DataError(
      file, "the text is UTF-16; write it as UTF-8: iconv -f UTF-16 -t UTF-8 OLD > NEW")
  }
  guard let start = bytes.baseAddress, let zero = memchr(start, 0, bytes.count) else { return }
  // The zero itself is part of its line.
  let end = UnsafeRawPointer(zero) - start + 1
  var lines = Lines(UnsafeRawBufferPointer(rebasing: bytes[..<end]))
  while lines.next() != nil {}
  let line = lines.number
  throw DataError(
    "\(file), line \(line)", "there is a zero byte: the file is no UTF-8 text, or is damaged")
}

/// Bytes of a file as text.
func validated(
  _ bytes: some Sequence<UInt8>, at place: @autoclosure () -> String
) throws(DataError) -> String {
  guard let text = String(validating: bytes, as: UTF8.self) else {
    throw DataError(
      place(),
      "the text is not valid UTF-8; write it as UTF-8: iconv -f ISO-8859-1 -t UTF-8 OLD > NEW, or with another encoding after -f"
    )
  }
  return text
}
