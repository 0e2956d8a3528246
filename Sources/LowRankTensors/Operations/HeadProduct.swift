extension Computation {
  /// `y[:, h · R ..< (h + 1) · R] = x_h tᵀ_h` under each head *h*, f32 `[rows, heads · R]`.
  ///
  /// `x` is `[rows, heads · d]` and the table `[R, heads · d]`, or these columns of wider tensors; x_h and
  /// t_h are their d columns of head *h*. With queries and projected relative positions it is what
  /// ``RelativeScores`` adds to scores. Keeps both in the computation's type.
  public func headProduct(
    _ x: Tensor, _ table: Tensor, heads: Int, columns: Range<Int>? = nil,
    tableColumns: Range<Int>? = nil
  ) -> Tensor {
    let (x, table) = (converted(x), converted(table))
    let columns = columns ?? 0..<x.shape.columns
    let tableColumns = tableColumns ?? 0..<table.shape.columns
    let (size, count) = (columns.count / heads, table.shape.rows)
    precondition(
      columns.count == heads * size && tableColumns.count == columns.count,
      "\(heads) heads in columns \(columns) of \(x) and \(tableColumns) of \(table)")
    func head(_ h: Int, of width: Int, from start: Int = 0) -> Range<Int> {
      start + h * width..<start + (h + 1) * width
    }

    var y = engine.zeros([x.shape.rows, heads * count], type: .float32)
    for h in 0..<heads {
      let left = Matrix(x, columns: head(h, of: size, from: columns.lowerBound))
      let right = Matrix(table, columns: head(h, of: size, from: tableColumns.lowerBound))
      engine.addProduct(
        left, right.transposed, scale: 1, to: &y, rows: nil, columns: head(h, of: count))
    }
    tape(for: x, table)?.record(y) { [type] dy, gradients in
      // dx_h = dy_h t_h and dt_h = dyᵀ_h x_h.
      let dy = gradients.engine.converted(dy, to: type)
      gradients.update(x.reference) { engine, slot in
        var dx = slot.take() ?? engine.zeros(x.shape, type: type)
        for h in 0..<heads {
          engine.addProduct(
            Matrix(dy, columns: head(h, of: count)),
            Matrix(table, columns: head(h, of: size, from: tableColumns.lowerBound)), scale: 1,
            to: &dx, rows: nil, columns: head(h, of: size, from: columns.lowerBound))
        }
        slot = dx
      }
      gradients.update(table.reference) { engine, slot in
        var dTable = slot.take() ?? engine.zeros(table.shape, type: .float32)
        for h in 0..<heads {
          engine.addProduct(
            Matrix(dy, columns: head(h, of: count), transposed: true),
            Matrix(x, columns: head(h, of: size, from: columns.lowerBound)), scale: 1, to: &dTable,
            rows: nil, columns: head(h, of: size, from: tableColumns.lowerBound))
        }
        slot = dTable
      }
    }
    return y
  }
}
