/// A zip archive whose entries are stored or deflated, with the extension for large files.
///
/// Entries must not overlap each other or the directory, and each is described twice, in the directory and before its
/// content, under one name.
final class ZipArchive {
  let bytes: UnsafeRawBufferPointer
  /// The entries, in the order of the bytes of their names.
  private(set) var entries: Arena<ZipEntry>

  /// Whether a file begins as an archive does.
  static func isArchive(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.count >= 4 && bytes.loadUnaligned(as: UInt32.self).littleEndian == 0x0403_4b50
  }

  init(_ bytes: UnsafeRawBufferPointer, _ budget: MemoryBudget) throws(TorchFault) {
    self.bytes = bytes
    entries = Arena(budget)
    let directory = try ZipDirectory(of: bytes)
    try readEntries(of: directory)
    try locateContents(before: directory.range.lowerBound)
    let bytes = bytes
    entries.sort { bytes[$0.name].lexicographicallyPrecedes(bytes[$1.name]) }
    for position in 0..<max(0, entries.count - 1)
    where bytes[entries[position].name].elementsEqual(bytes[entries[position + 1].name]) {
      throw .damaged(
        "is broken: it holds two files of the name \(bytes.printable(entries[position].name))")
    }
  }

  /// The entry whose name is these parts, one after the other.
  func entry(
    _ prefix: Slice<UnsafeRawBufferPointer>, _ name: StaticString,
    _ key: Slice<UnsafeRawBufferPointer>? = nil
  ) -> ZipEntry? {
    name.withUTF8Buffer { name in
      let (name, key) = (UnsafeRawBufferPointer(name)[...], key ?? bytes[0..<0])
      func order(_ entry: ZipEntry) -> Int { Self.order(bytes[entry.name], prefix, name, key) }
      let place = entries.firstPosition { order($0) < 0 }
      guard place < entries.count, order(entries[place]) == 0 else { return nil }
      return entries[place]
    }
  }

  /// -1, 0 or 1: whether a name comes before three parts one after the other, is them, or comes after them.
  private static func order(
    _ name: Slice<UnsafeRawBufferPointer>, _ first: Slice<UnsafeRawBufferPointer>,
    _ second: Slice<UnsafeRawBufferPointer>, _ third: Slice<UnsafeRawBufferPointer>
  ) -> Int {
    var rest = name
    func differs(from part: Slice<UnsafeRawBufferPointer>) -> Int? {
      let head = rest.prefix(part.count)
      guard head.elementsEqual(part) else {
        return head.lexicographicallyPrecedes(part) ? -1 : 1
      }
      rest = rest.dropFirst(part.count)
      return nil
    }
    return differs(from: first) ?? differs(from: second) ?? differs(from: third)
      ?? (rest.isEmpty ? 0 : 1)
  }

  private func readEntries(of directory: ZipDirectory) throws(TorchFault) {
    var position = directory.range.lowerBound
    let end = directory.range.upperBound
    for _ in 0..<directory.count {
      let header = ZipFields(bytes, position..<end)
      guard header.count >= 46, header.uint32(0) == 0x0201_4b50 else { throw Self.broken }
      let (nameCount, extraCount) = (Int(header.uint16(28)), Int(header.uint16(30)))
      let next = 46 + nameCount + extraCount + Int(header.uint16(32))
      guard next <= header.count else { throw Self.broken }
      let name = position + 46..<position + 46 + nameCount
      guard header.uint16(8) & 0x2041 == 0 else {
        throw .refused("holds the encrypted file \(bytes.printable(name))")
      }
      guard let method = ZipEntry.Method(rawValue: header.uint16(10)) else {
        throw .refused(
          "holds the file \(bytes.printable(name)), packed by method \(header.uint16(10)): only stored and deflated "
            + "files are read")
      }
      var sizes = ZipSizes(
        size: UInt64(header.uint32(24)), packed: UInt64(header.uint32(20)),
        header: UInt64(header.uint32(42)))
      let extra = position + 46 + nameCount
      try sizes.extend(by: ZipFields(bytes, extra..<extra + extraCount))
      guard let size = Int(exactly: sizes.size), let packed = Int(exactly: sizes.packed),
        let start = Int(exactly: sizes.header), start < directory.range.lowerBound,
        packed <= bytes.count, method == .deflated || size == packed
      else { throw Self.broken }
      try entries.append(
        ZipEntry(
          nameStart: name.lowerBound, nameCount: UInt16(nameCount), method: method,
          headerStart: start, packedSize: packed, size: size))
      position += next
    }
  }

  /// Finds each content behind its own header, and refuses entries that overlap.
  private func locateContents(before end: Int) throws(TorchFault) {
    entries.sort { $0.headerStart < $1.headerStart }
    for position in 0..<entries.count {
      let entry = entries[position]
      let next = position + 1 < entries.count ? entries[position + 1].headerStart : end
      let header = ZipFields(bytes, entry.headerStart..<max(entry.headerStart, next))
      guard header.count >= 30, header.uint32(0) == 0x0403_4b50 else { throw Self.overlap }
      let nameCount = Int(header.uint16(26))
      let content = 30 + nameCount + Int(header.uint16(28))
      guard content + entry.packedSize <= header.count else { throw Self.overlap }
      let name = entry.headerStart + 30..<entry.headerStart + 30 + nameCount
      guard bytes[name].elementsEqual(bytes[entry.name]), header.uint16(8) == entry.method.rawValue
      else {
        throw .damaged(
          "is broken: \(bytes.printable(entry.name)) is called \(bytes.printable(name)) where it stands"
        )
      }
      entries[position].contentStart = entry.headerStart + content
    }
  }

  private static var broken: TorchFault {
    .damaged("is broken: the directory of its zip archive makes no sense, or the file is cut short")
  }

  private static var overlap: TorchFault {
    .damaged("is broken: files of its zip archive overlap, or it is cut short")
  }
}
