import LowRankAdapters
import LowRankTensors
import LowRankTransformers

extension LawTrial {
  /// Turns every pair of factors by a matrix of its own.
  mutating func checkGauge() {
    let pairs = Set(moved.updates.flatMap(\.pairs))
    guard !pairs.isEmpty else { return }
    var turned = moved
    var random = Philox(key: seed, stream: 3)
    for pair in pairs.sorted(by: { $0.down.path < $1.down.path }) {
      turned.turn(pair, by: &random)
    }
    expect(.gaugeIsFree, logits(of: turned), logits(of: moved), "the logits")
  }
}

extension Adapter {
  /// Applies `(Q⁻¹A, BQ)` with Q a product of shears `I + t·eᵢeⱼᵀ` and scales, whose inverses are known.
  fileprivate mutating func turn(_ pair: FactorPair, by random: inout Philox) {
    let engine = base.engine
    let (rank, inputs) = (pair.down.shape[0], pair.down.shape[1])
    var down = engine.doubles(values[pair.down])
    var up = engine.doubles(values[pair.up])
    let rows = pair.up.shape[0]
    for i in 0..<rank {
      let scale = 0.5 + Double(random.uniform())
      for column in 0..<inputs { down[i * inputs + column] /= scale }
      for row in 0..<rows { up[row * rank + i] *= scale }
      for j in 0..<rank where j != i {
        let shear = random.normal()
        for column in 0..<inputs { down[i * inputs + column] -= shear * down[j * inputs + column] }
        for row in 0..<rows { up[row * rank + j] += shear * up[row * rank + i] }
      }
    }
    values[pair.down] = engine.tensor(down, pair.down.shape)
    values[pair.up] = engine.tensor(up, pair.up.shape)
  }
}
