import LowRankTensors

/// A change of the order in which the numbers of a factor stand, between PEFT's files and those of others.
enum FactorArrangement: Hashable, Sendable {
  /// Rows and columns are exchanged.
  case transposed
  /// The two halves of each head's d rows are interleaved: row `2i + j` was row `j·d/2 + i`.
  case interleaved(heads: Int)
  /// The rows of each head are pulled apart into halves: row `j·d/2 + i` was row `2i + j`.
  case deinterleaved(heads: Int)

  /// The extents once a matrix of these extents is arranged.
  func shape(of shape: Shape) -> Shape {
    self == .transposed ? [shape[1], shape[0]] : shape
  }

  /// The numbers in their new order, `shape` being that of the result.
  func arranged(_ numbers: [Float], _ shape: Shape) -> [Float] {
    let (rows, columns) = (shape[0], shape[1])
    switch self {
    case .transposed:
      return HostMatrix(numbers, rows: columns, columns: rows).transposed.elements
    case .interleaved(let heads), .deinterleaved(let heads):
      let size = rows / heads
      var result: [Float] = []
      result.reserveCapacity(numbers.count)
      for row in 0..<rows {
        let (head, place) = (row / size, row % size)
        let source =
          if case .interleaved = self {
            place % 2 * (size / 2) + place / 2
          } else {
            place % (size / 2) * 2 + place / (size / 2)
          }
        let from = (head * size + source) * columns
        result += numbers[from..<from + columns]
      }
      return result
    }
  }
}
