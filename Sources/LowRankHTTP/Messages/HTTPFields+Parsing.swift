extension HTTPFields {
  /// Reads the lines of a header.
  ///
  /// - Throws: ``HTTPFailure``.
  init(parsing lines: some Sequence<ArraySlice<UInt8>>, _ limits: HTTPServer.Limits) throws {
    self.init()
    for line in lines {
      guard list.count < limits.headerFields else {
        throw HTTPFailure(
          .headerTooLarge, "The header has more than \(limits.headerFields) fields.")
      }
      // A token contains no spaces, which refuses folded lines and a space before the colon.
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
        line[..<colon].allSatisfy(\.isToken)
      else { throw RequestHead.malformed("A line of the header is not a field.") }
      let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
      var value = line[(colon + 1)...].drop(while: isSpace)
      while let last = value.last, isSpace(last) { value.removeLast() }
      guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
        throw RequestHead.malformed("A field has a control character.")
      }
      append(
        String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self))
    }
  }
}
