extension Computation {
  /// Looks up rows of a table by id, `[ids, columns]`, where some ids have rows of their own, `[numbers, columns]`.
  ///
  /// Neither the lookup nor the derivative of the rows allocates anything of the table's size.
  public func rows(
    of table: Tensor, at ids: Tensor, type: ElementType, replacing numbers: [Int32], by own: Tensor
  ) -> Tensor {
    precondition(numbers.count == own.shape.rows, "\(numbers.count) numbers for \(own)")
    let places = Dictionary(
      uniqueKeysWithValues: numbers.enumerated().map { ($1, Int32($0)) })
    let found = engine.integers(ids).enumerated().compactMap { row, id in
      places[id].map { (row: Int32(row), place: $0) }
    }
    precondition(!(tape?.tracks(table) ?? false), "a table that is trained has no rows of its own")
    guard !found.isEmpty else {
      let y = engine.rows(of: table, at: ids, type: type)
      // Rows that no token uses get a derivative of zero, which optimizers distinguish from none.
      tape(for: own)?.record(y) { [own = own.reference] _, gradients in
        gradients.add(to: own) { $0.zeros(own.shape, type: own.type) }
      }
      return y
    }
    let targets = engine.tensor(found.map(\.row), [found.count])
    let sources = engine.tensor(found.map(\.place), [found.count])
    var y = engine.rows(of: table, at: ids, type: type)
    engine.write(engine.rows(of: own, at: sources, type: type), over: &y, at: targets)
    tape(for: own)?.record(y) { [own = own.reference] dy, gradients in
      gradients.add(to: own) { engine in
        let rows = engine.rows(of: dy, at: targets, type: .float32)
        let sum = engine.scattered(rows, at: sources, count: own.shape.rows)
        return engine.converted(sum.viewed(as: own.shape), to: own.type)
      }
    }
    return y
  }

  /// A copy of the table with the rows `[numbers, columns]` at the given ids.
  public func replacingRows(of table: Tensor, at numbers: [Int32], by own: Tensor) -> Tensor {
    let ids = engine.tensor(numbers, [numbers.count])
    var copy = table.type.isPacked ? engine.converted(table, to: type) : table
    engine.write(engine.converted(own, to: copy.type), over: &copy, at: ids)
    let y = copy.viewed(as: table.shape)
    precondition(!(tape?.tracks(table) ?? false), "a table that is trained has no rows of its own")
    tape(for: own)?.record(y) { [own = own.reference] dy, gradients in
      gradients.add(to: own) {
        $0.converted($0.rows(of: dy, at: ids, type: .float32), to: own.type)
      }
    }
    return y
  }
}
