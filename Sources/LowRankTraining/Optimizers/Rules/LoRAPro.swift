import LowRankAdapters
import LowRankTensors

/// LoRA-Pro: the gradients whose change of BA is closest to full fine-tuning's.
///
/// `g̃_A = (BᵀB)⁻¹ g_A / s² + X A`, `g̃_B = (I − P_B) g_B (AAᵀ)⁻¹ / s² − B X`, where `P_B = B (BᵀB)⁻¹ Bᵀ` and X solves
/// `BᵀB X + X AAᵀ = −(BᵀB)⁻¹ g_A Aᵀ / s²`. Then `s (B g̃_A + g̃_B A) = P_B G + (I − P_B) G P_A`, the projection of G on
/// the tangent space. Inverses are damped by 10⁻⁸. AdamW steps g̃.
///
/// Wang, Liang, He, Wang and Tan, "LoRA-Pro: Are Low-Rank Adapters Properly Optimized?", ICLR 2025, arXiv 2407.18242.
struct LoRAProRule: GradientRule {
  let damping: Double

  var needsCrosses: Bool { true }

  func coefficients(of pair: PairProducts, after steps: Int) throws(LinearAlgebraError)
    -> PairCoefficients?
  {
    guard let downCross = pair.downCross, let upCross = pair.upCross else { return nil }
    let share = 1 / (pair.scale * pair.scale)
    let inverseA = try pair.outer.power(-1, damping: damping).scaled(by: share)
    let inverseB = try pair.inner.power(-1, damping: damping)
    let newton = inverseB.scaled(by: share)
    let x = try SylvesterEquation.solve(
      pair.inner, pair.outer, newton.multiplied(by: downCross).scaled(by: -1))
    // (I − P_B) g_B (AAᵀ)⁻¹ / s² − B X, where P_B g_B is B times an r × r matrix.
    let inside = inverseB.multiplied(by: upCross).multiplied(by: inverseA)
    return PairCoefficients(
      down: newton, alongDown: x, up: inverseA, alongUp: x.adding(inside).scaled(by: -1))
  }

  static let entry = MethodRegistry<OptimizerMaker>.Entry(
    MethodCard(
      name: "lora-pro", title: "LoRA-Pro",
      citation: "Wang, Liang, He, Wang and Tan, \"LoRA-Pro: Are Low-Rank Adapters Properly "
        + "Optimized?\", ICLR 2025, arXiv 2407.18242",
      equation: "g̃ = argmin ‖s (B g̃_A + g̃_B A) − G‖, then AdamW",
      mechanism:
        "The gradients of both factors are replaced by those that move BA as close to full "
        + "fine-tuning's gradient as its rank allows.",
      useWhen: "Choose it where LoRA falls behind full fine-tuning; a step costs a little more.",
      options: [
        .number(
          "damping", default: 1e-8, in: 0..<Double.infinity,
          "What is added to the Gram matrices before they are inverted.")
      ] + AdamW.options)
  ) { options in
    {
      PreconditionedAdamW(
        adamW: AdamW(options, undecayed: $0),
        rule: LoRAProRule(damping: options.number("damping")))
    }
  }
}

/// `C X + X D = R` of symmetric matrices without negative eigenvalues.
enum SylvesterEquation {
  /// X; directions in which both matrices vanish are 0.
  static func solve(
    _ c: HostMatrix<Double>, _ d: HostMatrix<Double>, _ right: HostMatrix<Double>
  ) throws(LinearAlgebraError) -> HostMatrix<Double> {
    let first = try SymmetricEigenDecomposition(c)
    let second = try SymmetricEigenDecomposition(d)
    var inner = first.vectors.transposed.multiplied(by: right).multiplied(by: second.vectors)
    let least = ((first.values.first ?? 0) + (second.values.first ?? 0)) * 0x1p-40
    for row in 0..<inner.rows {
      for column in 0..<inner.columns {
        let sum = first.values[row] + second.values[column]
        inner[row, column] = sum > least ? inner[row, column] / sum : 0
      }
    }
    return first.vectors.multiplied(by: inner).multiplied(by: second.vectors.transposed)
  }
}
