/// The short list of kernels that every operation is made of, on one device.
///
/// Numbers enter and leave through ``tensor(_:_:type:)`` and ``floats(_:)``; reading back is the only
/// point of synchronisation. Inputs are never changed, except those marked `inout`, which are written in
/// place when their handle is the only one and copied first otherwise. All arithmetic accumulates in
/// f32 (f64 in the reference engine); "type" arguments say how a result is stored.
public protocol Engine: AnyObject, Sendable {
  /// What the engine runs on, for messages.
  var name: String { get }

  // MARK: Memory

  /// A tensor of the given numbers, rounded to `type`.
  func tensor(_ values: [Float], _ shape: Shape, type: ElementType) -> Tensor
  /// A tensor of the given numbers at the engine's best precision (f32 on devices).
  func tensor(_ values: [Double], _ shape: Shape) -> Tensor
  /// A tensor of integers.
  func tensor(_ values: [Int32], _ shape: Shape) -> Tensor
  /// A tensor of zeros.
  func zeros(_ shape: Shape, type: ElementType) -> Tensor
  /// A frozen weight that lies in `bytes` as `stored`, used where it lies if it is aligned and of the
  /// wanted type, converted once otherwise; `owner` is kept alive as long as the memory is used. A packed weight of the
  /// wanted type stays packed, and is the right factor of products, a table of rows, or converted.
  func resident(
    _ bytes: UnsafeRawBufferPointer, stored: ElementType, _ shape: Shape, as type: ElementType,
    owner: any AnyObject & Sendable
  ) -> Tensor
  /// The numbers of a tensor, row by row.
  func floats(_ tensor: Tensor) -> [Float]
  /// The numbers of a tensor at the engine's own precision.
  func doubles(_ tensor: Tensor) -> [Double]
  /// The numbers of a tensor of integers.
  func integers(_ tensor: Tensor) -> [Int32]
  /// The same numbers stored as another type; the tensor itself where it has that type already.
  func converted(_ tensor: Tensor, to type: ElementType) -> Tensor

  // MARK: Products

  /// `scale · a b + bias`, the bias (of any float type) added to each row, stored as `type`.
  func product(_ a: Matrix, _ b: Matrix, bias: Tensor?, scale: Float, type: ElementType) -> Tensor
  /// Adds `scale · a b` to the given rows and columns of `c`, all of it by default.
  func addProduct(
    _ a: Matrix, _ b: Matrix, scale: Float, to c: inout Tensor, rows: Range<Int>?,
    columns: Range<Int>?)
  /// `a b + z u + bias`, stored as `type`. An engine without a kernel for it adds one product after the other.
  func product(
    _ a: Matrix, _ b: Matrix, plus term: LowRankProduct, bias: Tensor?, type: ElementType
  ) -> Tensor
  /// Adds `a b + z u` to `c`.
  func addProduct(_ a: Matrix, _ b: Matrix, plus term: LowRankProduct, to c: inout Tensor)

  /// Adds low-rank terms of some rows of `x` to those rows of `y`, in their order. An engine without a kernel for them adds one
  /// product after the other.
  func add(_ terms: [RowTerm], of x: Tensor, to y: inout Tensor)

  // MARK: Element-wise

  /// `a + b`, in the type of `a`. Shapes are equal.
  func sum(_ a: Tensor, _ b: Tensor) -> Tensor
  /// Adds `scale · b` to `a`. Shapes are equal, types may differ.
  func add(_ b: Tensor, scale: Float, to a: inout Tensor)
  /// `a · b` element by element, in the type of `a`.
  func multiply(_ a: Tensor, _ b: Tensor) -> Tensor
  /// `factor · a`.
  func scaled(_ a: Tensor, by factor: Float) -> Tensor
  /// Each column *j* of `a` times `vector[j]`, in the type of `a`.
  func scaledColumns(_ a: Tensor, by vector: Tensor) -> Tensor
  /// Each row *i* of `a` times `vector[i]`, in the type of `a`.
  func scaledRows(_ a: Tensor, by vector: Tensor) -> Tensor
  /// The sum over rows, f32 `[columns]`.
  func columnSums(_ a: Tensor) -> Tensor
  /// The sum over rows of `a · b`, f32 `[columns]`.
  func columnSums(_ a: Tensor, times b: Tensor) -> Tensor
  /// The Euclidean norm of each row, f32 `[rows]`.
  func rowNorms(_ a: Tensor) -> Tensor
  /// The sum of the squares of all elements.
  func sumOfSquares(_ a: Tensor) -> Double
  /// `a / b` element by element, in the type of `a`.
  func quotient(_ a: Tensor, _ b: Tensor) -> Tensor
  /// The transpose of a matrix.
  func transposed(_ a: Tensor) -> Tensor
  /// A run of columns, copied.
  func columns(_ range: Range<Int>, of a: Tensor) -> Tensor
  /// Adds `b` to a run of columns of `a`.
  func add(_ b: Tensor, toColumns range: Range<Int>, of a: inout Tensor)
  /// Keeps each element with probability `1 − probability`, divided by that; element *i* is dropped when,
  /// with `n = first + i`, word `n mod 4` of Philox(key, 0, n / 4) is below `probability · 2³²`. Its gradient is itself.
  func dropout(_ a: Tensor, probability: Float, key: UInt64, first: Int) -> Tensor

  // MARK: Rows

  /// Rows of a table by number, `[ids, columns]`, stored as `type`.
  func rows(of table: Tensor, at ids: Tensor, type: ElementType) -> Tensor
  /// The gradient of ``rows(of:at:type:)``: f32 `[count, columns]` with each row of `rows` added at its id.
  func scattered(_ rows: Tensor, at ids: Tensor, count: Int) -> Tensor
  /// Writes rows over those of a larger tensor at the given numbers.
  func write(_ rows: Tensor, over table: inout Tensor, at ids: Tensor)

  // MARK: Layers

  /// Adds `delta` to `x`, then normalises each row; see ``Norm``.
  func norm(
    _ kind: Norm, _ x: Tensor, adding delta: Tensor?, weight: Tensor, bias: Tensor?, epsilon: Float,
    type: ElementType, saving: Bool
  ) -> NormOutput
  /// The gradient of ``norm(_:_:adding:weight:bias:epsilon:type:saving:)``; `sum` is what flows into the sum
  /// from elsewhere.
  func normGradient(
    _ kind: Norm, output: Tensor, sum: Tensor?, normalized: Tensor, inverseDeviation: Tensor,
    weight: Tensor, hasBias: Bool, deltaType: ElementType?, needsWeight: Bool
  ) -> NormGradient
  /// `f(x)`, or `f(x) · other` when gated, in the type of `x`.
  func activation(_ f: Activation, _ x: Tensor, times other: Tensor?) -> Tensor
  /// The gradients of ``activation(_:_:times:)`` with respect to `x` and, when gated, `other`.
  func activationGradient(_ f: Activation, _ x: Tensor, times other: Tensor?, output: Tensor)
    -> (x: Tensor, other: Tensor?)
  /// Rotates pairs (i, i + half) of the first `2 · half` columns of each head by the angle of the row's position;
  /// `cosine` and `sine` are f32 `[positions, half]`. `inverse` turns the other way, which is the gradient.
  func rotary(
    _ x: Tensor, headSize: Int, positions: Tensor, cosine: Tensor, sine: Tensor, inverse: Bool
  ) -> Tensor
  /// Attention; the log-sum-exp of the scores, f32 `[heads, rows]`, is returned when saved.
  func attention(_ problem: AttentionProblem, saving: Bool) -> (output: Tensor, logSumExp: Tensor?)
  /// The gradients of attention, those of its relative tables too.
  func attentionGradient(
    _ problem: AttentionProblem, output: Tensor, logSumExp: Tensor, outputGradient: Tensor
  ) -> AttentionGradient
  /// The head `hidden · weightᵀ + bias` with its loss, chunk by chunk: no `[rows, vocabulary]` array is kept.
  /// `weight` is a matrix whose height is the vocabulary. Gradients are of `Σ scales[i] · losses[i]`, f32 `[rows]`, or of
  /// the sum of the losses where `scales` is nil. `smoothing` is the share of each loss that is for all labels alike:
  /// `−Σ q log softmax`, q being `1 − smoothing` at the label and `smoothing / vocabulary` everywhere besides.
  func headLoss(
    hidden: Tensor, weight: Matrix, bias: Tensor?, labels: Tensor, scales: Tensor?,
    smoothing: Float, gradients: HeadGradients
  ) -> HeadLoss

  // MARK: Optimizers

  /// One step of AdamW on a parameter and its two moments, all f32.
  func adamW(
    _ step: AdamWStep, gradient: Tensor, value: inout Tensor, first: inout Tensor,
    second: inout Tensor)

  // MARK: Sums of outer products

  /// The same numbers in the type in which sums of outer products of rows, `xᵀ y`, take the least time.
  func summable(_ x: Tensor) -> Tensor
  /// Adds `scale · xᵀ x` to the given rows of `c`; of what is below the diagonal, all, a part or nothing is added.
  func addGram(_ x: Matrix, scale: Float, to c: inout Tensor, rows: Range<Int>?)
}

extension Engine {
  /// The head with its loss, and gradients of the sum of the losses.
  public func headLoss(
    hidden: Tensor, weight: Matrix, bias: Tensor?, labels: Tensor, smoothing: Float,
    gradients: HeadGradients
  ) -> HeadLoss {
    headLoss(
      hidden: hidden, weight: weight, bias: bias, labels: labels, scales: nil,
      smoothing: smoothing, gradients: gradients)
  }

  /// `scale · a b + bias` of whole tensors.
  public func product(
    _ a: Matrix, _ b: Matrix, bias: Tensor? = nil, scale: Float = 1, storedAs type: ElementType
  ) -> Tensor { product(a, b, bias: bias, scale: scale, type: type) }

  /// Adds the terms one after the other.
  public func add(_ terms: [RowTerm], of x: Tensor, to y: inout Tensor) {
    for term in terms {
      let hidden = product(
        Matrix(x, rows: term.rows), term.down.transposed, scale: term.scale, storedAs: x.type)
      addProduct(
        Matrix(hidden), Matrix(term.up), scale: 1, to: &y, rows: term.rows, columns: term.columns)
    }
  }

  /// The numbers as they are.
  public func summable(_ x: Tensor) -> Tensor { x }

  /// Adds all of `scale · xᵀ x`.
  public func addGram(_ x: Matrix, scale: Float, to c: inout Tensor, rows: Range<Int>?) {
    addProduct(x.transposed, x, scale: scale, to: &c, rows: rows, columns: nil)
  }

  /// A tensor of one f32 number for each position of the shape.
  public func filled(_ value: Float, _ shape: Shape) -> Tensor {
    tensor([Float](repeating: value, count: shape.count), shape, type: .float32)
  }

  /// `a b + bias`, to which `z u` is added once the first is rounded to `type`.
  public func product(
    _ a: Matrix, _ b: Matrix, plus term: LowRankProduct, bias: Tensor?, type: ElementType
  ) -> Tensor {
    var result = product(a, b, bias: bias, scale: 1, type: type)
    addProduct(term.hidden, term.factor, scale: 1, to: &result, rows: nil, columns: nil)
    return result
  }

  /// Adds `a b`, then `z u`.
  public func addProduct(_ a: Matrix, _ b: Matrix, plus term: LowRankProduct, to c: inout Tensor) {
    addProduct(a, b, scale: 1, to: &c, rows: nil, columns: nil)
    addProduct(term.hidden, term.factor, scale: 1, to: &c, rows: nil, columns: nil)
  }
}
