import CKernels

extension CPUEngine {
  /// Terms of few rows by one kernel for all of them, the others one after the other.
  public func add(_ terms: [RowTerm], of x: Tensor, to y: inout Tensor) {
    makeWritable(&y)
    let type = terms.first?.down.type ?? .float32
    let few = terms.filter { term in
      term.rows.count <= RowTerm.fewRows && term.down.type == type && term.up.type == type
    }
    let isTogether = few.count == terms.count
    guard isTogether || Self.areApart(terms) else { return addEach(terms, of: x, to: &y) }
    addEach(
      isTogether ? [] : terms.filter { $0.rows.count > RowTerm.fewRows || $0.down.type != type },
      of: x, to: &y)
    for term in few {
      precondition(
        term.rows.upperBound <= min(x.shape.rows, y.shape.rows)
          && term.columns.upperBound <= y.shape.columns
          && term.down.shape.columns == x.shape.columns,
        "rows \(term.rows), columns \(term.columns) of \(x) and \(y)")
    }
    let kernelTerms = few.filter { !$0.rows.isEmpty }.map { term in
      lr_term(
        row: Int64(term.rows.lowerBound), rows: Int64(term.rows.count),
        column: Int64(term.columns.lowerBound), columns: Int64(term.columns.count),
        rank: term.down.kernelRows, down: memory(term.down), up: memory(term.up),
        scale: term.scale)
    }
    withExtendedLifetime((few, x)) {
      kernelTerms.withUnsafeBufferPointer {
        lr_add_terms(
          view(x), view(y), x.kernelColumns, type.kernelType, $0.baseAddress, Int64($0.count))
      }
    }
  }

  private func addEach(_ terms: [RowTerm], of x: Tensor, to y: inout Tensor) {
    for term in terms {
      let hidden = product(
        Matrix(x, rows: term.rows), term.down.transposed, scale: term.scale, storedAs: x.type)
      addProduct(
        Matrix(hidden), Matrix(term.up), scale: 1, to: &y, rows: term.rows, columns: term.columns)
    }
  }

  /// Whether no two terms add to the same rows, so that their order does not matter.
  private static func areApart(_ terms: [RowTerm]) -> Bool {
    let rows = terms.map(\.rows).filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }
    return zip(rows, rows.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound }
  }
}
