/// What the loss says of a component `σ u vᵀ` of an update, by the derivative `γ = ∂L/∂c` of a factor c = 1 before it.
///
/// `γ = s σ uᵀ G v`, G being the gradient of the weight. To remove the component is to set c to 0.
public enum ImportanceScore: String, CaseIterable, Sendable {
  /// The first-order change of the mean loss when the component is removed, `|Σ γ| / T` over T trained tokens.
  ///
  /// P. Molchanov and others, "Pruning convolutional neural networks for resource efficient inference", ICLR 2017.
  case taylor
  /// The energy weighted by the empirical Fisher information, `Σ γ² / T` over rows: twice the second-order change of the
  /// mean loss.
  ///
  /// P. Molchanov and others, "Importance estimation for neural network pruning", CVPR 2019.
  case fisher

  /// The importance from the sums over rows of γ and of γ².
  func value(sum: Double, squares: Double, tokens: Int) -> Double {
    switch self {
    case .taylor: abs(sum) / Double(max(1, tokens))
    case .fisher: squares / Double(max(1, tokens))
    }
  }
}
