import LowRankTensors
import LowRankTransformers

/// An update that is one low-rank term whose factors are made of its parameters: `ΔW = s·B A`.
protocol TermUpdate: Update {
  /// The module's path, which keys dropout.
  var path: String { get }
  /// s.
  var scale: Float { get }
  /// The probability of dropping an element of the update's input while training.
  var dropout: Float { get }
  /// A, `[rank, inputs]`, and B, `[outputs, rank]`, recorded on the pass's tape.
  func factors(_ pass: Pass) -> (down: Tensor, up: Tensor)
}

extension TermUpdate {
  func terms(_ pass: Pass) -> [LowRankTerm]? {
    let (down, up) = factors(pass)
    return [LowRankTerm(down: down, up: up, scale: scale)]
  }

  func input(_ x: Tensor, _ pass: Pass) -> Tensor {
    pass.dropout(x, dropout, site: path + ".dropout")
  }
}
