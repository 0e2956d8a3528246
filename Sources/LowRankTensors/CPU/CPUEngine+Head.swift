import CKernels

extension CPUEngine {
  /// The head with its loss: a frozen one in one walk over the vocabulary, one that is trained in chunks of rows, whose
  /// gradients are written over the logits.
  public func headLoss(
    hidden: Tensor, weight: Matrix, bias: Tensor?, labels: Tensor, scales: Tensor?,
    smoothing: Float, gradients: HeadGradients
  ) -> HeadLoss {
    precondition(
      weight.width == hidden.shape.columns && labels.count == hidden.shape.rows
        && (scales?.count ?? labels.count) == labels.count
        && (bias?.count ?? weight.height) == weight.height,
      "a head [\(weight.height), \(weight.width)] on \(hidden) with \(labels.count) labels")
    requireRows(labels, below: weight.height)
    if bias == nil, scales == nil, smoothing == 0, !gradients.contains(.weight),
      !weight.isTransposed,
      weight.columns.count == weight.tensor.shape.columns, weight.rows.lowerBound == 0
    {
      return sweep(
        hidden: hidden, weight: weight, labels: labels, givesGradient: gradients.contains(.hidden))
    }
    var pass = HeadPass(
      engine: self, hidden: hidden, weight: weight, bias: bias, labels: labels,
      scales: scales.map { converted($0, to: .float32) }, smoothing: smoothing, gradients: gradients
    )
    var start = 0
    while start < hidden.shape.rows {
      let end = min(start + pass.chunk, hidden.shape.rows)
      pass.take(start..<end)
      start = end
    }
    return pass.result
  }

  private func sweep(
    hidden: Tensor, weight: Matrix, labels: Tensor, givesGradient: Bool
  ) -> HeadLoss {
    let type = factorType(Matrix(hidden), weight)
    let table =
      weight.tensor.type.isPacked ? weight.tensor : converted(weight.tensor, to: type)
    var sweep = HeadSweep(
      self, hidden: converted(hidden, to: type), weight: Matrix(table, rows: weight.rows),
      labels: labels, type: type, gradientType: givesGradient ? hidden.type : nil)
    for start in stride(from: 0, to: hidden.shape.rows, by: sweep.shape.rows) {
      sweep.take(start..<min(start + sweep.shape.rows, hidden.shape.rows))
    }
    return sweep.result
  }
}

/// The logits of a head that are in memory at one time, f32 `[rows, columns]`.
package struct HeadChunk: Hashable, Sendable {
  /// The number of rows; all chunks of a head but the last have as many.
  package let rows: Int
  /// The vocabulary, rounded up so that rows start on a cache line: 50,257 columns are 6 % slower than 50,304.
  package let columns: Int

  /// The bytes of the logits.
  package var bytes: Int { 4 * rows * columns }

  /// More rows share the weight's trip from memory, fewer keep the logits in the cache.
  private static let mostRows = 512
  /// A large vocabulary must not dominate memory.
  private static let mostBytes = 64 << 20

  /// The chunks of a head that is applied to `rows` rows.
  package init(rows: Int, vocabulary: Int) {
    columns = (vocabulary + 63) / 64 * 64
    let limit = min(Self.mostRows, max(1, Self.mostBytes / (4 * columns)))
    let chunks = max(1, (rows + limit - 1) / limit)
    self.rows = (rows + chunks - 1) / chunks
  }
}

/// One walk over the rows of a head in chunks: logits of a chunk, their losses and gradients in place, and
/// what these give for the hidden rows and the weight.
private struct HeadPass {
  /// The number of rows in a chunk; all chunks but the last have as many.
  let chunk: Int
  private let engine: CPUEngine
  private let hidden: Tensor
  private let weight: Matrix
  private let bias: Tensor?
  private let labels: Tensor
  private let scales: Tensor?
  private let smoothing: Float
  private let type: ElementType
  private let logits: Tensor
  private(set) var result: HeadLoss

  init(
    engine: CPUEngine, hidden: Tensor, weight: Matrix, bias: Tensor?, labels: Tensor,
    scales: Tensor?, smoothing: Float, gradients: HeadGradients
  ) {
    self.engine = engine
    self.bias = bias
    self.labels = labels
    self.scales = scales
    self.smoothing = smoothing
    type = engine.factorType(Matrix(hidden), weight)
    self.hidden = engine.converted(hidden, to: type)
    self.weight =
      weight.tensor.type.isPacked
      ? weight
      : Matrix(
        engine.converted(weight.tensor, to: type), rows: weight.rows, columns: weight.columns,
        transposed: weight.isTransposed)
    let shape = HeadChunk(rows: hidden.shape.rows, vocabulary: weight.height)
    chunk = shape.rows
    logits = engine.empty([chunk, shape.columns], .float32)
    result = HeadLoss(
      losses: engine.empty([hidden.shape.rows], .float32), hidden: nil, weight: nil, bias: nil)
    if gradients.contains(.hidden) { result.hidden = engine.empty(hidden.shape, hidden.type) }
    if gradients.contains(.weight) {
      result.weight = engine.zeros([weight.rows.count, weight.columns.count], type: .float32)
      result.bias = bias.map { engine.zeros($0.shape, type: .float32) }
    }
  }

  mutating func take(_ rows: Range<Int>) {
    let vocabulary = weight.height
    let part = Matrix(hidden, rows: rows)
    engine.multiply(
      part, weight.transposed, bias: bias, scale: 1, into: engine.view(logits),
      accumulating: false)
    let wanted = result.hidden != nil || result.weight != nil
    lr_cross_entropy(
      engine.singles(logits), logits.kernelColumns, engine.numbers(labels) + rows.lowerBound,
      scales.map { UnsafePointer(engine.singles($0)) + rows.lowerBound },
      engine.singles(result.losses) + rows.lowerBound, smoothing, wanted ? 1 : 0,
      type.kernelType, Int64(rows.count), Int64(vocabulary))
    guard wanted else { return }

    // Gradients in bf16 lie at the start of the rows that the logits had: twice the stride.
    let stride = logits.shape.columns * (4 / type.size)
    let memory = Tensor(logits.storage, [logits.shape.rows, stride], type)
    let gradient = Matrix(memory, rows: 0..<rows.count, columns: 0..<vocabulary)
    if let target = result.hidden {
      engine.multiply(
        gradient, weight, scale: 1, into: engine.view(target, row: rows.lowerBound),
        accumulating: false)
    }
    if let target = result.weight {
      let (a, b) = weight.isTransposed ? (part, gradient) : (gradient, part)
      engine.multiply(
        a.transposed, b, scale: 1, into: engine.view(target), accumulating: true)
    }
    if let target = result.bias { addColumnSums(of: gradient, to: target) }
  }

  private func addColumnSums(of gradient: Matrix, to target: Tensor) {
    let rows = gradient.rows.count
    let partials = engine.empty([Int(lr_row_blocks(Int64(rows))), target.count], .float32)
    lr_column_sums(
      engine.view(gradient.tensor), engine.view(nil), engine.singles(partials),
      engine.singles(target), 1, Int64(rows), Int64(target.count))
  }
}
