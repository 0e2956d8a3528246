import LowRankAdapters
import LowRankTensors

/// The sums that second moments are made of, of the inputs of one map or of several that are given the same, or of gradients.
package final class MomentSums {
  private let width: Int
  private let engine: any Engine
  /// Of each panel of columns, the rows down to the end of its square on the diagonal.
  private var panels: [(columns: Range<Int>, sums: Tensor)]
  private var mean: [Double]
  private var fourth = 0.0
  private var count = 0
  /// The moments, once they are worked out.
  private var moments: SecondMoments?
  /// Those of all parts of the examples, of which these are the first.
  private var merged: SecondMoments?

  package init(_ width: Int, on engine: any Engine) {
    (self.width, self.engine) = (width, engine)
    panels = SecondMoments.panels(of: width).map {
      ($0, engine.zeros([$0.upperBound, $0.count], type: .float32))
    }
    mean = [Double](repeating: 0, count: width)
  }

  /// Adds the outer products of rows.
  package func add(_ rows: Tensor) {
    guard rows.shape.rows > 0 else { return }
    add(products: rows, rows: 0..<rows.shape.rows, scale: 1)
    for norm in engine.floats(engine.rowNorms(rows)) {
      let square = Double(norm) * Double(norm)
      fourth += square * square
    }
    count += rows.shape.rows
  }

  /// Adds those of the rows of one sequence, divided by its largest number.
  func add(scaled x: Tensor, rows: Range<Int>) {
    guard let largest = engine.floats(x.viewed(rows: rows)).max() else { return }
    add(products: x, rows: rows, scale: 1 / abs(largest))
    count += 1
  }

  private func add(products x: Tensor, rows: Range<Int>, scale: Float) {
    for index in panels.indices {
      let columns = panels[index].columns
      let above = 0..<columns.lowerBound
      if !above.isEmpty {
        engine.addProduct(
          Matrix(x, rows: rows, columns: above, transposed: true),
          Matrix(x, rows: rows, columns: columns), scale: scale * scale, to: &panels[index].sums,
          rows: above, columns: nil)
      }
      engine.addGram(
        Matrix(x, rows: rows, columns: columns), scale: scale * scale, to: &panels[index].sums,
        rows: columns)
    }
    let sums = engine.floats(engine.columnSums(x.viewed(rows: rows)))
    for index in sums.indices { mean[index] += Double(scale) * Double(sums[index]) }
  }

  /// The moments over all processes; the sums are given back.
  ///
  /// - Throws: what the reducer throws.
  package func finished(_ reducer: any Reducer) throws -> SecondMoments {
    if let moments { return moments }
    var head = [Double(count), fourth] + mean
    try reducer.sum(&head)
    let rows = max(1, head[0])
    var matrix = HostMatrix<Float>(zeros: width, width)
    for index in panels.indices {
      let columns = panels[index].columns
      var numbers = engine.floats(panels[index].sums)
      panels[index].sums = engine.zeros([0], type: .float32)
      try reducer.sum(&numbers)
      Self.write(numbers, of: columns, divisor: rows, into: &matrix)
    }
    panels = []
    let result = SecondMoments(
      count: Int(head[0]), mean: head.dropFirst(2).map { $0 / rows }, matrix: matrix,
      fourth: head[1] / rows)
    moments = result
    return result
  }

  /// The moments of all parts, of which these are the first.
  func whole(of parts: [SecondMoments]) -> SecondMoments {
    guard parts.count > 1 else { return parts[0] }
    if let merged { return merged }
    let result = SecondMoments(merging: parts)
    merged = result
    return result
  }

  /// Writes the part of a panel above and on the diagonal, and its mirror image.
  private static func write(
    _ numbers: [Float], of columns: Range<Int>, divisor: Double,
    into matrix: inout HostMatrix<Float>
  ) {
    let (width, panel) = (matrix.columns, columns.count)
    matrix.elements.withUnsafeMutableBufferPointer { matrix in
      numbers.withUnsafeBufferPointer { numbers in
        // In squares, so that both images stay in the cache.
        for top in stride(from: 0, to: columns.upperBound, by: 32) {
          for left in stride(from: columns.lowerBound, to: columns.upperBound, by: 32) {
            for row in top..<min(top + 32, columns.upperBound) {
              for column in max(left, row)..<max(row, min(left + 32, columns.upperBound)) {
                let mean = Float(
                  Double(numbers[row * panel + column - columns.lowerBound]) / divisor)
                matrix[row * width + column] = mean
                matrix[column * width + row] = mean
              }
            }
          }
        }
      }
    }
  }
}
