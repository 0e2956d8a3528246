import LowRankTensors
import LowRankTesting

/// The reference engine with one requirement done wrong: an element of its result is off by a fifth.
final class SpoiltEngine: Engine {
  enum Flaw: CaseIterable {
    case floatTensor, doubleTensor, integerTensor, zeros, resident, converted, product, addProduct
    case sum, add, multiply, scaled, scaledColumns, scaledRows, columnSums, columnSumsTimes,
      rowNorms
    case sumOfSquares, quotient, transposed, columns, addToColumns, dropout, rows, scattered, write
    case normSum, normOutput, normalized, inverseDeviation
    case normGradient, normDelta, normWeight, normBias
    case activation, activationGradient, gateGradient, rotary
    case attention, logSumExp, queryGradient, lastAttentionGradient
    case contentToPosition, positionToContent
    case losses, hiddenGradient, weightGradient, biasGradient, value, firstMoment, secondMoment
  }

  private let engine = ReferenceEngine()
  private let flaw: Flaw

  init(_ flaw: Flaw) { self.flaw = flaw }

  var name: String { "reference with wrong \(flaw)" }

  /// The tensor, with its last element changed if the flaw is this one.
  private func spoil(_ tensor: Tensor, _ flaw: Flaw) -> Tensor {
    guard flaw == self.flaw, tensor.count > 0 else { return tensor }
    if tensor.type == .int32 {
      var integers = engine.integers(tensor)
      integers[integers.count - 1] ^= 1
      return engine.tensor(integers, tensor.shape)
    }
    var numbers = engine.doubles(tensor)
    numbers[numbers.count - 1] = numbers[numbers.count - 1] * 1.2 + 0.1
    return engine.converted(engine.tensor(numbers, tensor.shape), to: tensor.type)
  }

  func tensor(_ values: [Float], _ shape: Shape, type: ElementType) -> Tensor {
    spoil(engine.tensor(values, shape, type: type), .floatTensor)
  }
  func tensor(_ values: [Double], _ shape: Shape) -> Tensor {
    spoil(engine.tensor(values, shape), .doubleTensor)
  }
  func tensor(_ values: [Int32], _ shape: Shape) -> Tensor {
    // Wrong identifiers would lie outside what they index: spoil only integers that index nothing.
    let tensor = engine.tensor(values, shape)
    return values.contains(.min) ? spoil(tensor, .integerTensor) : tensor
  }
  func zeros(_ shape: Shape, type: ElementType) -> Tensor {
    spoil(engine.zeros(shape, type: type), .zeros)
  }
  func resident(
    _ bytes: UnsafeRawBufferPointer, stored: ElementType, _ shape: Shape, as type: ElementType,
    owner: any AnyObject & Sendable
  ) -> Tensor {
    spoil(engine.resident(bytes, stored: stored, shape, as: type, owner: owner), .resident)
  }
  func floats(_ tensor: Tensor) -> [Float] { engine.floats(tensor) }
  func doubles(_ tensor: Tensor) -> [Double] { engine.doubles(tensor) }
  func integers(_ tensor: Tensor) -> [Int32] { engine.integers(tensor) }
  func converted(_ tensor: Tensor, to type: ElementType) -> Tensor {
    spoil(engine.converted(tensor, to: type), .converted)
  }
  func product(_ a: Matrix, _ b: Matrix, bias: Tensor?, scale: Float, type: ElementType) -> Tensor {
    spoil(engine.product(a, b, bias: bias, scale: scale, type: type), .product)
  }
  func addProduct(
    _ a: Matrix, _ b: Matrix, scale: Float, to c: inout Tensor, rows: Range<Int>?,
    columns: Range<Int>?
  ) {
    engine.addProduct(a, b, scale: scale, to: &c, rows: rows, columns: columns)
    c = spoil(c, .addProduct)
  }
  func sum(_ a: Tensor, _ b: Tensor) -> Tensor { spoil(engine.sum(a, b), .sum) }
  func add(_ b: Tensor, scale: Float, to a: inout Tensor) {
    engine.add(b, scale: scale, to: &a)
    a = spoil(a, .add)
  }
  func multiply(_ a: Tensor, _ b: Tensor) -> Tensor { spoil(engine.multiply(a, b), .multiply) }
  func scaled(_ a: Tensor, by factor: Float) -> Tensor {
    spoil(engine.scaled(a, by: factor), .scaled)
  }
  func scaledColumns(_ a: Tensor, by vector: Tensor) -> Tensor {
    spoil(engine.scaledColumns(a, by: vector), .scaledColumns)
  }
  func scaledRows(_ a: Tensor, by vector: Tensor) -> Tensor {
    spoil(engine.scaledRows(a, by: vector), .scaledRows)
  }
  func columnSums(_ a: Tensor) -> Tensor { spoil(engine.columnSums(a), .columnSums) }
  func columnSums(_ a: Tensor, times b: Tensor) -> Tensor {
    spoil(engine.columnSums(a, times: b), .columnSumsTimes)
  }
  func rowNorms(_ a: Tensor) -> Tensor { spoil(engine.rowNorms(a), .rowNorms) }
  func sumOfSquares(_ a: Tensor) -> Double {
    engine.sumOfSquares(a) * (flaw == .sumOfSquares ? 1.001 : 1)
  }
  func quotient(_ a: Tensor, _ b: Tensor) -> Tensor { spoil(engine.quotient(a, b), .quotient) }
  func transposed(_ a: Tensor) -> Tensor { spoil(engine.transposed(a), .transposed) }
  func columns(_ range: Range<Int>, of a: Tensor) -> Tensor {
    spoil(engine.columns(range, of: a), .columns)
  }
  func add(_ b: Tensor, toColumns range: Range<Int>, of a: inout Tensor) {
    engine.add(b, toColumns: range, of: &a)
    a = spoil(a, .addToColumns)
  }
  func dropout(_ a: Tensor, probability: Float, key: UInt64, first: Int) -> Tensor {
    spoil(engine.dropout(a, probability: probability, key: key, first: first), .dropout)
  }
  func rows(of table: Tensor, at ids: Tensor, type: ElementType) -> Tensor {
    spoil(engine.rows(of: table, at: ids, type: type), .rows)
  }
  func scattered(_ rows: Tensor, at ids: Tensor, count: Int) -> Tensor {
    spoil(engine.scattered(rows, at: ids, count: count), .scattered)
  }
  func write(_ rows: Tensor, over table: inout Tensor, at ids: Tensor) {
    engine.write(rows, over: &table, at: ids)
    table = spoil(table, .write)
  }
  func norm(
    _ kind: Norm, _ x: Tensor, adding delta: Tensor?, weight: Tensor, bias: Tensor?, epsilon: Float,
    type: ElementType, saving: Bool
  ) -> NormOutput {
    let result = engine.norm(
      kind, x, adding: delta, weight: weight, bias: bias, epsilon: epsilon, type: type,
      saving: saving)
    return NormOutput(
      sum: spoil(result.sum, .normSum), output: spoil(result.output, .normOutput),
      normalized: result.normalized.map { spoil($0, .normalized) },
      inverseDeviation: result.inverseDeviation.map { spoil($0, .inverseDeviation) })
  }
  func normGradient(
    _ kind: Norm, output: Tensor, sum: Tensor?, normalized: Tensor, inverseDeviation: Tensor,
    weight: Tensor, hasBias: Bool, deltaType: ElementType?, needsWeight: Bool
  ) -> NormGradient {
    let result = engine.normGradient(
      kind, output: output, sum: sum, normalized: normalized, inverseDeviation: inverseDeviation,
      weight: weight, hasBias: hasBias, deltaType: deltaType, needsWeight: needsWeight)
    return NormGradient(
      sum: spoil(result.sum, .normGradient), delta: result.delta.map { spoil($0, .normDelta) },
      weight: result.weight.map { spoil($0, .normWeight) },
      bias: result.bias.map { spoil($0, .normBias) })
  }
  func activation(_ f: Activation, _ x: Tensor, times other: Tensor?) -> Tensor {
    spoil(engine.activation(f, x, times: other), .activation)
  }
  func activationGradient(_ f: Activation, _ x: Tensor, times other: Tensor?, output: Tensor)
    -> (x: Tensor, other: Tensor?)
  {
    let result = engine.activationGradient(f, x, times: other, output: output)
    return (
      spoil(result.x, .activationGradient), result.other.map { spoil($0, .gateGradient) }
    )
  }
  func rotary(
    _ x: Tensor, headSize: Int, positions: Tensor, cosine: Tensor, sine: Tensor, inverse: Bool
  ) -> Tensor {
    let turned = engine.rotary(
      x, headSize: headSize, positions: positions, cosine: cosine, sine: sine, inverse: inverse)
    return spoil(turned, .rotary)
  }
  func attention(_ problem: AttentionProblem, saving: Bool) -> (output: Tensor, logSumExp: Tensor?)
  {
    let result = engine.attention(problem, saving: saving)
    return (spoil(result.output, .attention), result.logSumExp.map { spoil($0, .logSumExp) })
  }
  func attentionGradient(
    _ problem: AttentionProblem, output: Tensor, logSumExp: Tensor, outputGradient: Tensor
  ) -> AttentionGradient {
    let result = engine.attentionGradient(
      problem, output: output, logSumExp: logSumExp, outputGradient: outputGradient)
    var inputs = result.inputs
    inputs[0] = spoil(inputs[0], .queryGradient)
    inputs[inputs.count - 1] = spoil(inputs[inputs.count - 1], .lastAttentionGradient)
    return AttentionGradient(
      inputs: inputs,
      contentToPosition: result.contentToPosition.map { spoil($0, .contentToPosition) },
      positionToContent: result.positionToContent.map { spoil($0, .positionToContent) })
  }
  func headLoss(
    hidden: Tensor, weight: Matrix, bias: Tensor?, labels: Tensor, scales: Tensor?,
    smoothing: Float, gradients: HeadGradients
  ) -> HeadLoss {
    let result = engine.headLoss(
      hidden: hidden, weight: weight, bias: bias, labels: labels, scales: scales,
      smoothing: smoothing, gradients: gradients)
    return HeadLoss(
      losses: spoil(result.losses, .losses),
      hidden: result.hidden.map { spoil($0, .hiddenGradient) },
      weight: result.weight.map { spoil($0, .weightGradient) },
      bias: result.bias.map { spoil($0, .biasGradient) })
  }
  func adamW(
    _ step: AdamWStep, gradient: Tensor, value: inout Tensor, first: inout Tensor,
    second: inout Tensor
  ) {
    engine.adamW(step, gradient: gradient, value: &value, first: &first, second: &second)
    (value, first, second) = (
      spoil(value, .value), spoil(first, .firstMoment), spoil(second, .secondMoment)
    )
  }
}
