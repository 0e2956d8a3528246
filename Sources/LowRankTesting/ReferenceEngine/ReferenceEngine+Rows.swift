import LowRankTensors

extension ReferenceEngine {
  /// Rows of a table by number.
  public func rows(of table: Tensor, at ids: Tensor, type: ElementType) -> Tensor {
    let rows = rowNumbers(table)
    let numbers = indices(ids, below: rows.count).flatMap { rows[$0] }
    return made(numbers, [ids.count, table.shape.columns], type)
  }

  /// A table of zeros with each row added at its id.
  public func scattered(_ rows: Tensor, at ids: Tensor, count: Int) -> Tensor {
    let columns = rows.shape.columns
    precondition(rows.shape.rows == ids.count, "\(ids) does not number the rows of \(rows)")
    var sums = [Double](repeating: 0, count: count * columns)
    for (id, row) in zip(indices(ids, below: count), rowNumbers(rows)) {
      for (column, number) in row.enumerated() { sums[id * columns + column] += number }
    }
    return made(sums, [count, columns], .float32)
  }

  /// Writes rows over those of a larger tensor; of rows with the same number, the last one stays.
  public func write(_ rows: Tensor, over table: inout Tensor, at ids: Tensor) {
    let columns = rows.shape.columns
    precondition(
      rows.shape.rows == ids.count && columns == table.shape.columns,
      "\(rows) at \(ids) does not fit \(table)")
    let numbered = zip(indices(ids, below: table.shape.rows), rowNumbers(rows))
    change(&table) { numbers in
      for (id, row) in numbered {
        numbers.replaceSubrange(id * columns..<(id + 1) * columns, with: row)
      }
    }
  }

  /// Integers that number the elements of something.
  func indices(_ ids: Tensor, below count: Int) -> [Int] {
    integers(ids).map { id in
      precondition(0 <= id && id < count, "\(id) is not in 0 ..< \(count)")
      return Int(id)
    }
  }
}
