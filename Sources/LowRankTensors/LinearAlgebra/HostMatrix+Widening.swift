import CLAPACK

extension HostMatrix<Double> {
  /// A single-precision matrix, converted to double precision.
  package init(widening matrix: HostMatrix<Float>) {
    self.init(zeros: matrix.rows, matrix.columns)
    elements.withUnsafeMutableBufferPointer { elements in
      guard let first = elements.baseAddress else { return }
      matrix.widen(0..<matrix.rows, ofColumns: false, into: first)
    }
  }

  /// The product `self · other` in double precision, with one block of the wide matrix `other` at a time.
  package func multiplied(by other: HostMatrix<Float>) -> HostMatrix<Double> {
    precondition(
      columns == other.rows, "\(rows) × \(columns) times \(other.rows) × \(other.columns)")
    var result = HostMatrix(zeros: rows, other.columns)
    guard rows > 0 && columns > 0 else { return result }
    let (width, rows) = (Int32(other.columns), Int32(rows))
    result.elements.withUnsafeMutableBufferPointer { result in
      other.forEachBlock(ofColumns: true) { range, block in
        let count = Int32(range.count)
        cblas_dgemm(
          CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, count, Int32(columns), 1, elements,
          Int32(columns), block, count, 0, result.baseAddress.map { $0 + range.lowerBound }, width)
      }
    }
    return result
  }
}

extension HostMatrix<Float> {
  /// The product `self · other` in double precision, with one block of this tall matrix at a time.
  package func multiplied(by other: HostMatrix<Double>) -> HostMatrix<Double> {
    precondition(
      columns == other.rows, "\(rows) × \(columns) times \(other.rows) × \(other.columns)")
    var result = HostMatrix<Double>(zeros: rows, other.columns)
    guard columns > 0 && other.columns > 0 else { return result }
    let width = Int32(other.columns)
    result.elements.withUnsafeMutableBufferPointer { result in
      forEachBlock(ofColumns: false) { range, block in
        cblas_dgemm(
          CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(range.count), width, Int32(columns), 1,
          block, Int32(columns), other.elements, width, 0,
          result.baseAddress.map { $0 + range.lowerBound * other.columns }, width)
      }
    }
    return result
  }

  /// Passes blocks of rows, or of columns, in row-major order and double precision.
  private func forEachBlock(
    ofColumns: Bool, _ body: (Range<Int>, UnsafeMutablePointer<Double>) -> Void
  ) {
    let (long, short) = ofColumns ? (columns, rows) : (rows, columns)
    let size = 512
    let block = UnsafeMutablePointer<Double>.allocate(capacity: size * short)
    defer { block.deallocate() }
    for start in stride(from: 0, to: long, by: size) {
      let range = start..<Swift.min(start + size, long)
      widen(range, ofColumns: ofColumns, into: block)
      body(range, block)
    }
  }

  /// Writes a range of rows, or of columns, in double precision.
  func widen(
    _ range: Range<Int>, ofColumns: Bool, into result: UnsafeMutablePointer<Double>
  ) {
    elements.withUnsafeBufferPointer { elements in
      guard let first = elements.baseAddress else { return }
      guard ofColumns else {
        let from = first + range.lowerBound * columns
        for index in 0..<range.count * columns { result[index] = Double(from[index]) }
        return
      }
      for row in 0..<rows {
        let from = first + row * columns + range.lowerBound
        let to = result + row * range.count
        for index in 0..<range.count { to[index] = Double(from[index]) }
      }
    }
  }
}
