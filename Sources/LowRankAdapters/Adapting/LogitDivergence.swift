import Foundation

/// `KL(p ‖ q)` in nats of the predictions that two rows of logits stand for.
package func logitDivergence(of q: ArraySlice<Float>, from p: ArraySlice<Float>) -> Double {
  let (p, q) = (logProbabilities(p), logProbabilities(q))
  return zip(p, q).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
}

/// `ln p(token)` of the prediction that a row of logits stands for.
package func logProbability(of token: Int32, in logits: ArraySlice<Float>) -> Double {
  logProbabilities(logits)[Int(token)]
}

private func logProbabilities(_ logits: ArraySlice<Float>) -> [Double] {
  let largest = Double(logits.max() ?? 0)
  let logSum = largest + log(logits.reduce(0) { $0 + exp(Double($1) - largest) })
  return logits.map { Double($0) - logSum }
}
