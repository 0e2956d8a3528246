import CZlib

/// The content of an entry: where it stands in the file, or unpacked in memory.
enum ZipContent {
  case file(Range<Int>)
  case memory(TorchMemory)
}

extension ZipArchive {
  /// The content of an entry.
  ///
  /// - Throws: `TorchFault` where it cannot be unpacked to the size that the directory states, or is too large.
  func content(_ entry: ZipEntry, _ budget: MemoryBudget) throws(TorchFault) -> ZipContent {
    switch entry.method {
    case .stored: .file(entry.content)
    case .deflated: .memory(try inflate(entry, budget))
    }
  }

  /// What zlib needs to unpack in one go.
  private static let inflaterSize = 12_000

  private func inflate(_ entry: ZipEntry, _ budget: MemoryBudget) throws(TorchFault) -> TorchMemory
  {
    guard let packed = UInt32(exactly: entry.packedSize), let size = UInt32(exactly: entry.size)
    else { throw .refused("holds a deflated file of over 4 GB") }
    try budget.take(Self.inflaterSize)
    defer { budget.release(Self.inflaterSize) }
    let name = bytes.printable(entry.name)
    return try TorchMemory(count: entry.size, budget) { memory throws(TorchFault) in
      var stream = z_stream()
      let version = ZLIB_VERSION
      guard inflateInit2_(&stream, -MAX_WBITS, version, Int32(MemoryLayout<z_stream>.size)) == Z_OK
      else { throw .refused("cannot be unpacked: zlib does not start") }
      defer { inflateEnd(&stream) }
      let source = bytes.baseAddress?.advanced(by: entry.contentStart)
      stream.next_in = UnsafeMutablePointer(
        mutating: source?.assumingMemoryBound(to: UInt8.self))
      stream.avail_in = packed
      stream.next_out = memory.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.avail_out = size
      guard CZlib.inflate(&stream, Z_FINISH) == Z_STREAM_END, stream.avail_out == 0 else {
        throw .damaged("is broken: \(name) in its zip archive does not unpack to \(size) bytes")
      }
    }
  }
}
