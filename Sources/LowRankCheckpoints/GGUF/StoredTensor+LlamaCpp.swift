import LowRankTensors

/// What llama.cpp's converter changed in a tensor, undone when the tensor is first read.
extension StoredTensor {
  /// The tensor with the rows of each head in the order of transformers: those of the first half of a rotated pair, then
  /// those of the second.
  ///
  /// llama.cpp has the two rows of a pair beside each other. Rows are whole blocks, so packed bytes are moved as they are.
  /// - Parameter heads: a number that half of the rows are a multiple of.
  func withHalves(heads: Int) -> StoredTensor {
    let rows = shape.rank == 1 ? shape.count : shape.rows
    precondition(rows.isMultiple(of: 2 * heads), "\(rows) rows for \(heads) heads")
    let (half, size) = (rows / heads / 2, byteCount / rows)
    let (source, range) = (file, range)
    let halves = MappedFile(count: byteCount, of: source) { target in
      let bytes = UnsafeRawBufferPointer(rebasing: source.bytes[range])
      for row in 0..<rows {
        let (head, place) = row.quotientAndRemainder(dividingBy: 2 * half)
        let other = head * 2 * half + place % half * 2 + place / half
        UnsafeMutableRawBufferPointer(rebasing: target[row * size..<(row + 1) * size])
          .copyMemory(
            from: UnsafeRawBufferPointer(rebasing: bytes[other * size..<(other + 1) * size]))
      }
      source.forget(range)
    }
    return StoredTensor(
      name: name, type: type, shape: shape, file: halves, range: 0..<byteCount)
  }

  /// The tensor of F32 with 1 subtracted from each number, in single precision as transformers does it.
  func minusOne() -> StoredTensor {
    precondition(type == .float32, "\(name) is stored as \(type.rawValue)")
    let (source, range) = (file, range)
    let shifted = MappedFile(count: byteCount, of: source) { target in
      let bytes = UnsafeRawBufferPointer(rebasing: source.bytes[range])
      for offset in stride(from: 0, to: bytes.count, by: 4) {
        let bits = UInt32(
          littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        let number = Float(bitPattern: bits) - 1
        target.storeBytes(
          of: number.bitPattern.littleEndian, toByteOffset: offset, as: UInt32.self)
      }
    }
    return StoredTensor(
      name: name, type: type, shape: shape, file: shifted, range: 0..<byteCount)
  }

  /// A run of the rows of a matrix, where it lies.
  package func rows(_ rows: Range<Int>) -> StoredTensor {
    precondition(shape.rank == 2 && rows.upperBound <= shape.rows, "rows \(rows) of \(shape)")
    let size = byteCount / max(1, shape.rows)
    let start = range.lowerBound + rows.lowerBound * size
    return StoredTensor(
      name: name, type: type, shape: [rows.count, shape.columns], file: file,
      range: start..<start + rows.count * size)
  }
}
