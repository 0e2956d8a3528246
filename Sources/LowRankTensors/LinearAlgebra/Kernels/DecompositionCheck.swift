/// Decomposes fixed matrices and looks whether they come back, and whether vectors are orthonormal.
///
/// Matrices are compared by what they make of two fixed vectors (Freivalds), in plain arithmetic: what made the
/// decompositions has no part in judging them.
package struct DecompositionCheck<Scalar: LinearAlgebraScalar> {
  private typealias Matrix = HostMatrix<Scalar>
  /// What rounding explains, relative to the largest number.
  private let tolerance = 256 * Scalar.ulpOfOne
  private var state: UInt64 = 13

  /// A check.
  package init() {}

  /// Whether all that was computed is right.
  package mutating func passes(_ computed: Decomposer<Scalar>) -> Bool {
    // Several blocks of the kernels, in the sum too, none of them full.
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

  /// Numbers between −1 and 1, always the same.
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

  /// Whether two products of matrices make the same of fixed vectors.
  private mutating func areSame(_ product: [Matrix], _ other: [Matrix]) -> Bool {
    guard let width = product.last?.columns, other.last?.columns == width else { return false }
    for _ in 0..<2 {
      let vector = noise(width, 1).elements.map { $0 < 0 ? $0 - 0.5 : $0 + 0.5 }
      let (image, reference) = (applied(product, vector), applied(other, vector))
      guard image.count == reference.count else { return false }
      let scale = reference.reduce(1) { max($0, abs($1)) }
      // A number that is not finite fails too.
      guard zip(image, reference).allSatisfy({ abs($0 - $1) <= tolerance * scale }) else {
        return false
      }
    }
    return true
  }

  /// The matrices applied to a vector, the last one first.
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
