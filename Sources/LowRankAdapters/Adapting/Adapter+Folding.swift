import LowRankTensors
import LowRankTransformers

extension Adapter {
  /// The adapter whose trained products have joined the frozen ones, with factors that start anew.
  ///
  /// ``LowRankUpdate/Factors/folded`` has the old frozen directions and the trained ones. Where they are dependent, they are
  /// cut to their numerical rank by a decomposition in double precision; otherwise no number is changed.
  ///
  /// - Parameters:
  ///   - number: the number of such changes with this one.
  ///   - agree: replaces ranks by those of process 0.
  /// - Throws: `LinearAlgebraError`, and what agreeing throws.
  package func folded(
    _ number: Int, seed: UInt64, agreeing agree: (inout [UInt8]) throws -> Void
  ) throws -> Adapter {
    var adapter = self
    let engine = base.engine
    for index in updates.indices {
      guard let own = updates[index] as? LowRankUpdate else { continue }
      let sums = try own.factors.map { try FoldedProduct($0, values, engine) }
      // Slices of one map have one rank in files; process 0 decides what is numerically zero.
      var rank = withUnsafeBytes(of: Int64(sums.map(\.rank).max() ?? 0)) { Array($0) }
      try agree(&rank)
      let common = Int(rank.withUnsafeBytes { $0.loadUnaligned(as: Int64.self) })
      var factors: [LowRankUpdate.Factors] = []
      for (pair, sum) in zip(own.factors, sums) {
        if let old = pair.folded {
          adapter.values.remove(old.down)
          adapter.values.remove(old.up)
        }
        let folded = pair.foldedParameters(rank: common)
        let (down, up) = sum.padded(to: common)
        adapter.values[folded.down] = engine.tensor(down, folded.down.shape, type: .float32)
        adapter.values[folded.up] = engine.tensor(up, folded.up.shape, type: .float32)
        let (rank, inputs) = (pair.down.shape[0], pair.down.shape[1])
        var random = Philox(key: RandomKey(seed: seed, step: number).key(for: pair.down.path))
        adapter.values[pair.down] = engine.tensor(
          random.uniforms(rank * inputs, within: 1 / Float(inputs).squareRoot()),
          pair.down.shape, type: .float32)
        adapter.values[pair.up] = engine.zeros(pair.up.shape, type: .float32)
        factors.append(pair.folding(folded))
      }
      adapter.updates[index] = own.replacing(factors)
    }
    return adapter
  }

  /// The adapter with frozen products of given ranks whose values are read from elsewhere.
  ///
  /// - Parameter ranks: the rank of a frozen product by the path of its A; none for a pair that has not been folded.
  package func holdingFolded(_ ranks: [String: Int]) -> Adapter {
    var adapter = self
    for index in updates.indices {
      guard let own = updates[index] as? LowRankUpdate else { continue }
      let factors = own.factors.map { pair -> LowRankUpdate.Factors in
        guard let rank = ranks[pair.foldedPath] else { return pair }
        let folded = pair.foldedParameters(rank: rank)
        for parameter in [folded.down, folded.up] {
          adapter.values[parameter] = base.engine.zeros(parameter.shape, type: .float32)
        }
        return pair.folding(folded)
      }
      adapter.updates[index] = own.replacing(factors)
    }
    return adapter
  }
}

extension LowRankUpdate.Factors {
  /// The path of A of the frozen product.
  fileprivate var foldedPath: String {
    down.path.replacing(".lora_A", with: ".lora_folded_A")
  }

  /// The parameters of a frozen product.
  fileprivate func foldedParameters(rank: Int) -> (down: Parameter, up: Parameter) {
    (
      Parameter(foldedPath, [rank, down.shape[1]], role: .down, module: down.module),
      Parameter(
        up.path.replacing(".lora_B", with: ".lora_folded_B"), [up.shape[0], rank], role: .up,
        module: up.module)
    )
  }

  /// The same pair beside another frozen product.
  fileprivate func folding(_ folded: (down: Parameter, up: Parameter)) -> Self {
    Self(down: down, up: up, outputs: outputs, offset: offset, folded: folded)
  }
}

extension LowRankUpdate {
  /// The same update of other factors.
  fileprivate func replacing(_ factors: [Factors]) -> LowRankUpdate {
    LowRankUpdate(path: path, factors: factors, outputs: outputs, scale: scale, dropout: dropout)
  }
}

/// The frozen and the trained product of a pair as one, `[B₀, B] [A₀; A]`.
private struct FoldedProduct {
  private var down, up: [Float]
  private let inputs, outputs: Int
  private(set) var rank: Int

  /// - Throws: `LinearAlgebraError`.
  init(
    _ pair: LowRankUpdate.Factors, _ values: ParameterStore, _ engine: any Engine
  ) throws {
    (inputs, outputs) = (pair.down.shape[1], pair.up.shape[0])
    let parts = [pair.folded.map { ($0.down, $0.up) }, (pair.down, pair.up)].compactMap(\.self)
    rank = parts.reduce(0) { $0 + $1.0.shape[0] }
    down = parts.flatMap { engine.floats(values[$0.0]) }
    let ups = parts.map { (engine.floats(values[$0.1]), $0.0.shape[0]) }
    up = (0..<outputs).flatMap { row in
      ups.flatMap { numbers, width in numbers[row * width..<(row + 1) * width] }
    }
    try reduce()
  }

  /// Cuts the product to its numerical rank, where that is smaller: what is below the rounding of the largest direction.
  private mutating func reduce() throws {
    func matrix(_ numbers: [Float], _ rows: Int, _ columns: Int) -> HostMatrix<Double> {
      HostMatrix(numbers.map { Double($0) }, rows: rows, columns: columns)
    }
    let left = try QRDecomposition(matrix(up, outputs, rank))
    let right = try QRDecomposition(matrix(down, rank, inputs).transposed)
    let core = try SingularValueDecomposition(left.r.multiplied(by: right.r.transposed))
    let floor = (core.values.first ?? 0) * 0x1p-24
    let found = max(1, core.values.prefix { $0 > floor }.count)
    guard found < rank else { return }
    var (u, v) = (
      left.q.multiplied(by: core.left).columns(0..<found),
      core.right.rows(0..<found).multiplied(by: right.q.transposed)
    )
    for (index, value) in core.values.prefix(found).enumerated() {
      let root = value.squareRoot()
      for row in 0..<outputs { u[row, index] *= root }
      for column in 0..<inputs { v[index, column] *= root }
    }
    (down, up, rank) = (v.elements.map { Float($0) }, u.elements.map { Float($0) }, found)
  }

  /// The factors with zeros behind their directions, or without those beyond a rank.
  func padded(to count: Int) -> (down: [Float], up: [Float]) {
    guard count != rank else { return (down, up) }
    let kept = min(rank, count)
    let zeros = [Float](repeating: 0, count: count - kept)
    return (
      Array(down.prefix(kept * inputs))
        + [Float](repeating: 0, count: (count - kept) * inputs),
      (0..<outputs).flatMap { up[$0 * rank..<$0 * rank + kept] + zeros }
    )
  }
}
