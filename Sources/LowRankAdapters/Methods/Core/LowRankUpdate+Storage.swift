import LowRankTensors
import LowRankTransformers

/// In a checkpoint a map has one pair of factors, whatever it is made of here: the A of all pairs stand on top of each
/// other, the B side by side, each over its own outputs with zeros elsewhere; an offset counts as a pair with −B₀, and what
/// was folded as a pair too.
extension LowRankUpdate {
  public var storedRank: Int? { stackedRank }

  /// The rank of the one pair that a checkpoint holds.
  private var stackedRank: Int {
    factors.reduce(0) {
      $0 + $1.down.shape[0] * ($1.offset == nil ? 1 : 2) + ($1.folded?.down.shape[0] ?? 0)
    }
  }

  public func stored(_ values: ParameterStore, _ engine: any Engine) -> [FactorTensor] {
    var pieces: [(down: [Float], up: [Float], rank: Int, first: Int)] = []
    for pair in factors {
      let first = pair.outputs?.lowerBound ?? 0
      let rank = pair.down.shape[0]
      pieces.append((engine.floats(values[pair.down]), engine.floats(values[pair.up]), rank, first))
      if let offset = pair.offset {
        let up = engine.floats(values[offset.up]).map { -$0 }
        pieces.append((engine.floats(values[offset.down]), up, rank, first))
      }
      if let folded = pair.folded {
        pieces.append(
          (
            engine.floats(values[folded.down]), engine.floats(values[folded.up]),
            folded.down.shape[0], first
          ))
      }
    }
    let rank = stackedRank
    var up = [Float](repeating: 0, count: outputs * rank)
    var column = 0
    for piece in pieces {
      for row in 0..<piece.up.count / piece.rank {
        for index in 0..<piece.rank {
          up[(piece.first + row) * rank + column + index] = piece.up[row * piece.rank + index]
        }
      }
      column += piece.rank
    }
    return [
      FactorTensor(Self.downName(path), [rank, inputs], pieces.flatMap(\.down)),
      FactorTensor(Self.upName(path), [outputs, rank], up),
    ]
  }

  public func restored(_ read: (_ name: String, _ shape: Shape) throws -> [Float]) throws
    -> [(parameter: Parameter, values: [Float])]
  {
    precondition(
      factors.allSatisfy { $0.offset == nil && $0.folded == nil },
      "a checkpoint is read into pairs without frozen ones")
    let rank = stackedRank
    let down = try read(Self.downName(path), [rank, inputs])
    let up = try read(Self.upName(path), [outputs, rank])
    var result: [(Parameter, [Float])] = []
    var column = 0
    for pair in factors {
      let own = pair.down.shape[0]
      result.append((pair.down, Array(down[column * inputs..<(column + own) * inputs])))
      let rows = pair.outputs ?? 0..<outputs
      result.append(
        (pair.up, rows.flatMap { row in (0..<own).map { up[row * rank + column + $0] } }))
      column += own
    }
    return result
  }

  private var inputs: Int { factors[0].down.shape[1] }
  private static func downName(_ path: String) -> String { path + ".lora_A.weight" }
  private static func upName(_ path: String) -> String { path + ".lora_B.weight" }
}
