import Foundation
import LowRankTensors

extension ReferenceEngine {
  /// The losses `log Σ exp(logits) − q · logits`; their gradient in the logits is `softmax − q`, q being one at the label
  /// but for the share that smoothing gives to all labels; each row of it is multiplied by its scale.
  public func headLoss(
    hidden: Tensor, weight: Matrix, bias: Tensor?, labels: Tensor, scales: Tensor?,
    smoothing: Float, gradients: HeadGradients
  ) -> HeadLoss {
    let (rows, vocabulary) = (hidden.shape.rows, weight.height)
    precondition(labels.count == rows, "\(labels) does not label the rows of \(hidden)")
    let logits = product(
      Matrix(hidden), weight.transposed, bias: bias, scale: 1, type: .float32)
    let factors = scales.map(doubles) ?? [Double](repeating: 1, count: rows)
    precondition(factors.count == rows, "\(factors.count) scales of \(rows) rows")
    var (losses, flows) = ([Double](), [Double]())
    let labelled = zip(indices(labels, below: vocabulary), rowNumbers(logits))
    for ((label, row), factor) in zip(labelled, factors) {
      let total = logSumExp(row)
      let share = Double(smoothing)
      let wanted = row.indices.map { share / Double(vocabulary) + ($0 == label ? 1 - share : 0) }
      losses.append(total - zip(row, wanted).reduce(0) { $0 + $1.0 * $1.1 })
      flows += zip(row, wanted).map { factor * (exp($0 - total) - $1) }
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
