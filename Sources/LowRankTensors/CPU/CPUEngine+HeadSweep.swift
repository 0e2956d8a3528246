import CKernels

/// One walk over a frozen head's vocabulary in blocks: the loss of each row, and the gradient by what the head is applied to.
///
/// For a row h with the label y, over blocks of the vocabulary with m the largest logit so far,
///
///     z = Σ exp(hWᵥ − m),   g = Σ_{v≠y} exp(hWᵥ − m) Wᵥ,   loss = m + log z − hW_y,   ∂loss/∂h = g/z + (softmax_y − 1) W_y
///
/// where z and g are scaled to a new m. So the weight is read once for all rows, and only the logits of a block are in memory.
/// Milakov and Gimelshein, "Online normalizer calculation for softmax", arXiv 1805.02867.
struct HeadSweep {
  /// The rows and columns of the logits that are in memory at one time.
  let shape: HeadBlock
  private let engine: CPUEngine
  private let hidden: Tensor
  private let weight: Matrix
  private let labels: Tensor
  private let type: ElementType
  private let logits: Tensor
  /// The sums g of a part of the rows, f32; nil where no gradient is wanted.
  private let sums: Tensor?
  /// The labels' rows of the weight.
  private let own: Tensor?
  private(set) var result: HeadLoss

  /// A walk over the rows `weight` of a head.
  ///
  /// - Parameter gradientType: the type of the gradient; nil for none.
  init(
    _ engine: CPUEngine, hidden: Tensor, weight: Matrix, labels: Tensor, type: ElementType,
    gradientType: ElementType?
  ) {
    (self.engine, self.hidden, self.weight) = (engine, hidden, weight)
    (self.labels, self.type) = (labels, type)
    let (rows, width) = (hidden.shape.rows, hidden.shape.columns)
    let shape = HeadBlock(rows: rows, vocabulary: weight.height, width: width)
    self.shape = shape
    logits = engine.empty([shape.rows, shape.columns], .float32)
    sums = gradientType.map { _ in engine.empty([shape.rows, width], .float32) }
    own = gradientType.map { _ in engine.rows(of: weight.tensor, at: labels, type: type) }
    result = HeadLoss(
      losses: engine.empty([rows], .float32),
      hidden: gradientType.map { engine.empty(hidden.shape, $0) }, weight: nil, bias: nil)
  }

  /// Takes some rows, at most as many as the logits have.
  mutating func take(_ rows: Range<Int>) {
    let count = Int64(rows.count)
    let width = Int64(hidden.shape.columns)
    var tops = [Float](repeating: 0, count: rows.count)
    var exponentials = [Double](repeating: 0, count: rows.count)
    var targets = [Float](repeating: 0, count: rows.count)
    tops.withUnsafeMutableBufferPointer { tops in
      exponentials.withUnsafeMutableBufferPointer { exponentials in
        targets.withUnsafeMutableBufferPointer { targets in
          let state = lr_head_state(
            tops: tops.baseAddress, sums: exponentials.baseAddress, targets: targets.baseAddress)
          for first in stride(from: 0, to: weight.height, by: shape.columns) {
            take(rows, first..<min(first + shape.columns, weight.height), state)
          }
          lr_head_end(
            state, engine.singles(result.losses) + rows.lowerBound, engine.view(sums),
            own.map { engine.view($0, row: rows.lowerBound) } ?? lr_view(),
            result.hidden.map { engine.view($0, row: rows.lowerBound) } ?? lr_view(), count, width)
        }
      }
    }
  }

  private func take(_ rows: Range<Int>, _ block: Range<Int>, _ state: lr_head_state) {
    let start = weight.rows.lowerBound
    let part = Matrix(
      weight.tensor, rows: start + block.lowerBound..<start + block.upperBound,
      columns: weight.columns)
    engine.multiply(
      Matrix(hidden, rows: rows), part.transposed, bias: nil, scale: 1, into: engine.view(logits),
      accumulating: false)
    lr_head_block(
      engine.singles(logits), logits.kernelColumns, engine.numbers(labels) + rows.lowerBound,
      Int64(block.lowerBound), state, engine.view(sums), Int64(hidden.shape.columns),
      type.kernelType, Int64(rows.count), Int64(block.count))
    guard let sums else { return }
    // Exponentials in bf16 lie at the start of the rows that the logits had: twice the stride.
    let stride = logits.shape.columns * (4 / type.size)
    let memory = Tensor(logits.storage, [logits.shape.rows, stride], type)
    engine.multiply(
      Matrix(memory, rows: 0..<rows.count, columns: 0..<block.count), part, scale: 1,
      into: engine.view(sums), accumulating: block.lowerBound > 0)
  }
}

/// The logits of a frozen head that are in memory at one time, f32 `[rows, columns]`: some rows by a block of the vocabulary.
package struct HeadBlock: Hashable, Sendable {
  /// The number of rows that share a walk over the vocabulary.
  package let rows: Int
  /// The columns of a block.
  package let columns: Int
  private let width: Int

  /// More rows share the weight's trip from memory; beyond these it costs little.
  private static let mostRows = 1024
  /// Logits and weight of a block stay in the last level of the cache.
  private static let logitBytes = 4 << 20, weightBytes = 4 << 20

  /// The blocks of a head `[vocabulary, width]` that is applied to `rows` rows.
  package init(rows: Int, vocabulary: Int, width: Int) {
    let parts = max(1, (rows + Self.mostRows - 1) / Self.mostRows)
    self.rows = max(1, (rows + parts - 1) / parts)
    self.width = width
    let most = min(
      Self.logitBytes / (4 * self.rows), Self.weightBytes / (2 * max(1, width)))
    columns = min(max(512, min(8192, most / 256 * 256)), (vocabulary + 63) / 64 * 64)
  }

  /// The bytes of the logits, and of the sums behind the gradient.
  package var bytes: Int { 4 * rows * (columns + width) }
}
