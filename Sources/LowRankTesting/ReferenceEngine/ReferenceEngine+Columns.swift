import LowRankTensors

extension ReferenceEngine {
  /// Each column *j* of `a` times `vector[j]`.
  public func scaledColumns(_ a: Tensor, by vector: Tensor) -> Tensor {
    let columns = a.shape.columns
    precondition(vector.count == columns, "\(vector) does not scale the columns of \(a)")
    let factors = doubles(vector)
    let numbers = doubles(a).enumerated().map { $1 * factors[$0 % columns] }
    return made(numbers, a.shape, a.type)
  }

  /// Each row *i* of `a` times `vector[i]`.
  public func scaledRows(_ a: Tensor, by vector: Tensor) -> Tensor {
    precondition(vector.count == a.shape.rows, "\(vector) does not scale the rows of \(a)")
    let (factors, columns) = (doubles(vector), a.shape.columns)
    let numbers = doubles(a).enumerated().map { $1 * factors[$0 / columns] }
    return made(numbers, a.shape, a.type)
  }

  /// The sum over rows.
  public func columnSums(_ a: Tensor) -> Tensor {
    var sums = [Double](repeating: 0, count: a.shape.columns)
    for (index, number) in doubles(a).enumerated() { sums[index % sums.count] += number }
    return made(sums, [sums.count], .float32)
  }

  /// The sum over rows of `a · b`.
  public func columnSums(_ a: Tensor, times b: Tensor) -> Tensor { columnSums(multiply(a, b)) }

  /// The Euclidean norm of each row.
  public func rowNorms(_ a: Tensor) -> Tensor {
    let norms = rowNumbers(a).map { row in row.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    return made(norms, [norms.count], .float32)
  }

  /// The sum of the squares of all elements.
  public func sumOfSquares(_ a: Tensor) -> Double { doubles(a).reduce(0) { $0 + $1 * $1 } }

  /// The transpose of a matrix.
  public func transposed(_ a: Tensor) -> Tensor {
    made(entries(a.transposed), [a.shape.columns, a.shape.rows], a.type)
  }

  /// A run of columns, copied.
  public func columns(_ range: Range<Int>, of a: Tensor) -> Tensor {
    made(entries(Matrix(a, columns: range)), [a.shape.rows, range.count], a.type)
  }

  /// Adds `b` to a run of columns of `a`.
  public func add(_ b: Tensor, toColumns range: Range<Int>, of a: inout Tensor) {
    let columns = a.shape.columns
    precondition(
      b.shape.rows == a.shape.rows && b.shape.columns == range.count
        && 0 <= range.lowerBound && range.upperBound <= columns,
      "\(b) does not fit columns \(range) of \(a)")
    let added = rowNumbers(b)
    change(&a) { numbers in
      for (row, addends) in added.enumerated() {
        for (column, addend) in zip(range, addends) { numbers[row * columns + column] += addend }
      }
    }
  }

  /// The numbers of a tensor, one array for each row.
  func rowNumbers(_ a: Tensor) -> [[Double]] {
    let numbers = doubles(a)
    let columns = a.shape.columns
    return (0..<a.shape.rows).map { Array(numbers[$0 * columns..<($0 + 1) * columns]) }
  }
}
