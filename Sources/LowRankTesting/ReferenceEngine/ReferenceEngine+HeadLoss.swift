import Foundation
import LowRankTensors

extension ReferenceEngine {
  /// The losses `log Σ exp(logits) − logits[label]`; their gradient in the logits is `softmax − one at the label`.
  public func headLoss(
    hidden: Tensor, weight: Matrix, bias: Tensor?, labels: Tensor, gradients: HeadGradients
  ) -> HeadLoss {
    let (rows, vocabulary) = (hidden.shape.rows, weight.height)
    precondition(labels.count == rows, "\(labels) does not label the rows of \(hidden)")
    let logits = product(
      Matrix(hidden), weight.transposed, bias: bias, scale: 1, type: .float32)
    var (losses, flows) = ([Double](), [Double]())
    for (label, row) in zip(indices(labels, below: vocabulary), rowNumbers(logits)) {
      let total = logSumExp(row)
      losses.append(total - row[label])
      flows += row.enumerated().map { exp($1 - total) - ($0 == label ? 1 : 0) }
    }
    let flow = made(flows, [rows, vocabulary], .float32)
    var result = HeadLoss(
      losses: made(losses, [rows], .float32), hidden: nil, weight: nil, bias: nil)
    if gradients.contains(.hidden) {
      result.hidden = product(Matrix(flow), weight, storedAs: hidden.type)
    }
    if gradients.contains(.weight) {
      result.weight =
        weight.isTransposed
        ? product(hidden.transposed, Matrix(flow), storedAs: .float32)
        : product(flow.transposed, Matrix(hidden), storedAs: .float32)
      result.bias = bias.map { _ in columnSums(flow) }
    }
    return result
  }
}
