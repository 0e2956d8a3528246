import LowRankAdapters
import LowRankTensors

/// A pair of factors with the gradients of one step.
///
/// With G the gradient of the loss with respect to W, those of the factors are `g_A = s·Bᵀ G` and `g_B = s·G Aᵀ`.
struct PairGradients {
  /// A, f32 `[rank, inputs]`.
  let down: Tensor
  /// B, f32 `[outputs, rank]`.
  let up: Tensor
  /// `g_A`; nil where A is not trained at this step.
  var downGradient: Tensor?
  /// `g_B`; nil where B is not trained at this step.
  var upGradient: Tensor?
  /// s.
  let scale: Double
}

extension GradientGroup {
  /// The gradients of a pair; nil where neither factor has one.
  func gradients(of pair: FactorPair, in store: ParameterStore) -> PairGradients? {
    func gradient(_ parameter: Parameter) -> Tensor? {
      members.first { $0.parameter == parameter }?.gradient
    }
    let gradients = PairGradients(
      down: store[pair.down], up: store[pair.up], downGradient: gradient(pair.down),
      upGradient: gradient(pair.up), scale: Double(scale))
    return gradients.downGradient == nil && gradients.upGradient == nil ? nil : gradients
  }

  /// Puts the changed gradients of a pair in the place of its own.
  mutating func replace(_ pair: FactorPair, by changed: PairGradients) {
    for index in members.indices {
      let own = members[index].parameter
      if own == pair.down, let gradient = changed.downGradient {
        members[index].gradient = gradient
      } else if own == pair.up, let gradient = changed.upGradient {
        members[index].gradient = gradient
      }
    }
  }
}
