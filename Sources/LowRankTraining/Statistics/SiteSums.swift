import LowRankAdapters
import LowRankTensors
import LowRankTransformers

/// The sums over rows that the statistics of one linear map are made of, in single precision.
final class SiteSums {
  let site: AdaptedSite
  /// The outputs of each pair of factors.
  let slices: [Range<Int>]
  private let needs: StartNeeds
  private let engine: any Engine
  private var inputs: MomentSums?
  private var folds: [MomentSums] = []
  private var outputs: [MomentSums] = []
  private var gradients: [Tensor] = []

  init(_ site: AdaptedSite, _ needs: StartNeeds, on engine: any Engine) {
    (self.site, self.needs, self.engine) = (site, needs, engine)
    slices = site.slices?.map(\.outputs) ?? [0..<site.map.outputs]
    if needs.inputs != nil { inputs = MomentSums(site.map.inputs, on: engine) }
    if needs.folds > 1 {
      folds = (0..<needs.folds).map { _ in MomentSums(site.map.inputs, on: engine) }
    }
    if needs.outputGradients { outputs = slices.map { MomentSums($0.count, on: engine) } }
    if needs.gradient {
      gradients = slices.map { engine.zeros([$0.count, site.map.inputs], type: .float32) }
    }
  }

  /// Adds inputs, of which only some rows may count.
  ///
  /// - Parameters:
  ///   - trained: the rows that count; nil for all.
  ///   - sequences: the rows of each sequence.
  func add(inputs x: Tensor, trained: Tensor?, sequences: [Range<Int>]) {
    switch needs.inputs {
    case .scaledSequences:
      for rows in sequences where !rows.isEmpty { inputs?.add(scaled: x, rows: rows) }
    case .trainedRows:
      inputs?.add(trained.map { engine.rows(of: x, at: $0, type: x.type) } ?? x)
    case .allRows: inputs?.add(x)
    case nil: break
    }
  }

  /// Adds inputs to the parts that their examples belong to.
  ///
  /// - Parameters:
  ///   - rows: the rows that count.
  ///   - example: the example of each of them.
  func add(folded x: Tensor, rows: [Int32], of example: [Int]) {
    for fold in folds.indices {
      let own = zip(rows, example).filter { $0.1 % folds.count == fold }.map(\.0)
      guard !own.isEmpty else { continue }
      folds[fold].add(engine.rows(of: x, at: engine.tensor(own, [own.count]), type: x.type))
    }
  }

  /// Adds gradients of the outputs with the inputs that they belong to.
  func add(outputGradients dy: Tensor, inputs x: Tensor) {
    for (index, slice) in slices.enumerated() {
      let part = Matrix(dy, columns: slice, transposed: true)
      if needs.gradient {
        engine.addProduct(
          part, Matrix(x), scale: 1, to: &gradients[index], rows: nil, columns: nil)
      }
      if needs.outputGradients { outputs[index].add(engine.columns(slice, of: dy)) }
    }
  }

  /// The statistics of each pair of factors, over all processes, with the sums given back.
  ///
  /// - Parameter tokens: the number of losses of all processes, of whose mean the gradient is.
  /// - Throws: what the reducer throws.
  func finished(_ reducer: any Reducer, tokens: Int) throws -> [SiteStatistics] {
    let moments = try inputs?.finished(reducer)
    inputs = nil
    var parts: [SecondMoments] = []
    for index in folds.indices { parts.append(try folds[index].finished(reducer)) }
    folds = []
    var statistics = slices.map { _ in
      var statistics = SiteStatistics(inputs: moments)
      statistics.folds = parts
      return statistics
    }
    for index in outputs.indices {
      statistics[index].outputs = try outputs[index].finished(reducer)
    }
    outputs = []
    for index in gradients.indices {
      var numbers = engine.floats(gradients[index])
      try reducer.sum(&numbers)
      let share = 1 / Float(max(1, tokens))
      for place in numbers.indices { numbers[place] *= share }
      statistics[index].gradient = HostMatrix(
        numbers, rows: slices[index].count, columns: site.map.inputs)
    }
    gradients = []
    return statistics
  }
}

/// The sums that second moments are made of.
private struct MomentSums {
  private let width: Int
  private let engine: any Engine
  private var matrix: Tensor
  private var mean: [Double]
  private var fourth = 0.0
  private var count = 0

  init(_ width: Int, on engine: any Engine) {
    (self.width, self.engine) = (width, engine)
    matrix = engine.zeros([width, width], type: .float32)
    mean = [Double](repeating: 0, count: width)
  }

  mutating func add(_ rows: Tensor) {
    guard rows.shape.rows > 0 else { return }
    add(product: rows, rows: 0..<rows.shape.rows, scale: 1)
    for norm in engine.floats(engine.rowNorms(rows)) {
      let square = Double(norm) * Double(norm)
      fourth += square * square
    }
    count += rows.shape.rows
  }

  /// Adds the rows of one sequence, divided by its largest number.
  mutating func add(scaled x: Tensor, rows: Range<Int>) {
    guard let largest = engine.floats(x.viewed(rows: rows)).max() else { return }
    add(product: x, rows: rows, scale: 1 / abs(largest))
    count += 1
  }

  private mutating func add(product x: Tensor, rows: Range<Int>, scale: Float) {
    // The matrix is symmetric: of each panel of columns, what is below the diagonal is not computed.
    let panel = max(256, (width + 7) / 8)
    for start in stride(from: 0, to: width, by: panel) {
      let columns = start..<min(start + panel, width)
      let above = 0..<columns.upperBound
      engine.addProduct(
        Matrix(x, rows: rows, columns: above, transposed: true),
        Matrix(x, rows: rows, columns: columns), scale: scale * scale, to: &matrix, rows: above,
        columns: columns)
    }
    let sums = engine.floats(engine.columnSums(x.viewed(rows: rows)))
    for index in sums.indices { mean[index] += Double(scale) * Double(sums[index]) }
  }

  /// The moments over all processes.
  mutating func finished(_ reducer: any Reducer) throws -> SecondMoments {
    var head = [Double(count), fourth] + mean
    try reducer.sum(&head)
    var numbers = engine.floats(matrix)
    try reducer.sum(&numbers)
    let rows = max(1, head[0])
    for row in 0..<width {
      for column in row..<width {
        let mean = Float(Double(numbers[row * width + column]) / rows)
        numbers[row * width + column] = mean
        numbers[column * width + row] = mean
      }
    }
    return SecondMoments(
      count: Int(head[0]), mean: head.dropFirst(2).map { $0 / rows },
      matrix: HostMatrix(numbers, rows: width, columns: width), fourth: head[1] / rows)
  }
}
