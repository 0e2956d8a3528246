import LowRankTensors

/// How transformers has a tensor of a GGUF file: its name, and what llama.cpp's converter changed in it.
package struct GGUFLayout: Hashable, Sendable {
  /// The name in transformers.
  package let name: String
  /// The heads whose rotated rows llama.cpp has beside each other; nil where rows have one order.
  let heads: Int?
  /// Whether 1 was added.
  let isShifted: Bool

  /// The numbers of a tensor of transformers as the converter changes them, in single precision.
  package func converted(_ numbers: [Float], _ shape: Shape) -> [Float] {
    guard !isShifted else { return numbers.map { $0 + 1 } }
    guard let heads else { return numbers }
    let rows = shape.rank == 1 ? shape.count : shape.rows
    precondition(rows.isMultiple(of: 2 * heads), "\(rows) rows for \(heads) heads")
    let (half, columns) = (rows / heads / 2, numbers.count / rows)
    return [Float](unsafeUninitializedCapacity: numbers.count) { target, count in
      for row in 0..<rows {
        let (head, place) = row.quotientAndRemainder(dividingBy: 2 * half)
        let source = head * 2 * half + place % 2 * half + place / 2
        for column in 0..<columns {
          target.initializeElement(
            at: row * columns + column, to: numbers[source * columns + column])
        }
      }
      count = numbers.count
    }
  }
}
