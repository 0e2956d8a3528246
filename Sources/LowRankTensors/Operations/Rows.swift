extension Computation {
  /// Rows of a table by number, `[ids, columns]`, stored as `type`; the gradient is added row by row.
  public func rows(of table: Tensor, at ids: Tensor, type: ElementType) -> Tensor {
    let y = engine.rows(of: table, at: ids, type: type)
    tape(for: table)?.record(y) { [table = table.reference] dy, gradients in
      let engine = gradients.engine
      let full = engine.scattered(dy, at: ids, count: table.shape.rows)
      gradients.add(engine.converted(full.viewed(as: table.shape), to: table.type), to: table)
    }
    return y
  }
}
