/// Decomposes fixed matrices, and checks that the factors multiply to the matrices and that vectors are orthonormal.
///
/// Products are compared by applying them to two fixed vectors (Freivalds' algorithm). The comparison uses plain
/// arithmetic and not the library under test.
package struct DecompositionCheck<Scalar: LinearAlgebraScalar> {
  private typealias Matrix = HostMatrix<Scalar>
  /// The error that rounding explains, relative to the largest number.
  private let tolerance = 256 * Scalar.ulpOfOne
  private var state: UInt64 = 13

  /// Creates a check.
  package init() {}

  /// Whether all results are correct.
  package mutating func passes(_ computed: Decomposer<Scalar>) -> Bool {
    // The sizes take several blocks of the kernels, also in the summed dimension, and fill none of the last ones.
    let (left, right, tall) = (noise(41, 620), noise(620, 39), noise(110, 42))
    let half = noise(45, 45)
    var symmetric = half
    for row in 0..<45 {
      for column in 0..<45 { symmetric[row, column] += half[column, row] }
    }
    do {
      let product = try computed.product(left, right)
      guard areSame([product], [left, right]) else { return false }
      let (u, singular, v) = try computed.svd(tall)
      guard isOrthonormal(u), isOrthonormal(v.transposed),
        areSame([tall], [u, diagonal(singular), v])
      else { return false }
      let (q, r) = try computed.qr(tall)
      guard isOrthonormal(q), areSame([tall], [q, r]) else { return false }
      let triangle = try computed.triangle(tall)
      guard areSame([tall.transposed, tall], [triangle.transposed, triangle]) else { return false }
      let (values, vectors) = try computed.eigen(symmetric)
      return isOrthonormal(vectors)
        && areSame([symmetric], [vectors, diagonal(values), vectors.transposed])
    } catch {
      return false
    }
  }

  /// Pseudorandom numbers between −1 and 1, the same in every process.
  private mutating func noise(_ rows: Int, _ columns: Int) -> Matrix {
    var matrix = Matrix(zeros: rows, columns)
    for index in matrix.elements.indices {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      matrix.elements[index] = Scalar(Int32(truncatingIfNeeded: state >> 32)) * 0x1p-31
    }
    return matrix
  }

  private func diagonal(_ values: [Scalar]) -> Matrix {
    var matrix = Matrix(zeros: values.count, values.count)
    for (index, value) in values.enumerated() { matrix[index, index] = value }
    return matrix
  }

  private mutating func isOrthonormal(_ columns: Matrix) -> Bool {
    let ones = diagonal([Scalar](repeating: 1, count: columns.columns))
    return areSame([columns.transposed, columns], [ones])
  }

  /// Whether two products of matrices map fixed vectors to the same results.
  private mutating func areSame(_ product: [Matrix], _ other: [Matrix]) -> Bool {
    guard let width = product.last?.columns, other.last?.columns == width else { return false }
    for _ in 0..<2 {
      let vector = noise(width, 1).elements.map { $0 < 0 ? $0 - 0.5 : $0 + 0.5 }
      let (image, reference) = (applied(product, vector), applied(other, vector))
      guard image.count == reference.count else { return false }
      let scale = reference.reduce(1) { max($0, abs($1)) }
      // NaN fails too.
      guard zip(image, reference).allSatisfy({ abs($0 - $1) <= tolerance * scale }) else {
        return false
      }
    }
    return true
  }

  /// Applies the matrices to a vector, the last one first.
  private func applied(_ matrices: [Matrix], _ vector: [Scalar]) -> [Scalar] {
    matrices.reversed().reduce(vector) { vector, matrix in
      (0..<matrix.rows).map { row in
        var sum: Scalar = 0
        for column in 0..<matrix.columns { sum += matrix[row, column] * vector[column] }
        return sum
      }
    }
  }
}
