import CKernels

extension CPUEngine {
  /// The transpose, copied.
  public func transposed(_ a: Tensor) -> Tensor {
    let result = empty([a.shape.columns, a.shape.rows], a.type)
    lr_transpose(view(a), view(result), a.kernelRows, a.kernelColumns)
    return result
  }

  /// A run of columns, copied.
  public func columns(_ range: Range<Int>, of a: Tensor) -> Tensor {
    requireColumns(range, of: a)
    let result = empty([a.shape.rows, range.count], a.type)
    lr_copy(
      view(a, column: range.lowerBound), view(result), result.kernelRows, result.kernelColumns)
    return result
  }

  /// Adds to a run of columns, in place where `a` is the only handle.
  public func add(_ b: Tensor, toColumns range: Range<Int>, of a: inout Tensor) {
    requireColumns(range, of: a)
    precondition(
      b.shape.rows == a.shape.rows && b.shape.columns == range.count,
      "\(b) does not fit columns \(range) of \(a)")
    makeWritable(&a)
    let target = view(a, column: range.lowerBound)
    lr_add(target, view(b), 1, target, b.kernelRows, b.kernelColumns)
  }

  private func requireColumns(_ range: Range<Int>, of a: Tensor) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= a.shape.columns,
      "columns \(range) lie outside \(a)")
  }

  /// Rows of a table; traps on a number that is no row.
  public func rows(of table: Tensor, at ids: Tensor, type: ElementType) -> Tensor {
    requireRows(ids, below: table.shape.rows)
    let result = empty([ids.count, table.shape.columns], type)
    guard !table.type.isPacked else {
      lr_unpack_rows(
        packed(table), numbers(ids), view(result), result.kernelRows, result.kernelColumns)
      return result
    }
    lr_gather(
      view(table), numbers(ids), view(result), result.kernelRows, result.kernelColumns)
    return result
  }

  /// Rows added at their numbers, in their order.
  public func scattered(_ rows: Tensor, at ids: Tensor, count: Int) -> Tensor {
    requireRows(ids, below: count)
    precondition(ids.count == rows.shape.rows, "\(ids.count) numbers for the rows of \(rows)")
    let result = zeros([count, rows.shape.columns], type: .float32)
    lr_scatter_add(
      view(rows), numbers(ids), view(result), rows.kernelRows, rows.kernelColumns)
    return result
  }

  /// Rows written over a table, in place where it is the only handle.
  public func write(_ rows: Tensor, over table: inout Tensor, at ids: Tensor) {
    requireRows(ids, below: table.shape.rows)
    precondition(
      ids.count == rows.shape.rows && rows.shape.columns == table.shape.columns,
      "\(rows) at \(ids.count) numbers does not fit \(table)")
    makeWritable(&table)
    lr_put(view(rows), numbers(ids), view(table), rows.kernelRows, rows.kernelColumns)
  }

  /// Traps on a number that is no row: a kernel would read anything there.
  func requireRows(_ ids: Tensor, below count: Int) {
    for id in UnsafeBufferPointer(start: numbers(ids), count: ids.count) {
      precondition(id >= 0 && id < count, "row \(id) of \(count)")
    }
  }
}
