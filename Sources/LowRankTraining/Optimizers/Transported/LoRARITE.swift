import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors

/// LoRA-RITE: Adam on gradients without the other factor's magnitude, with moments that turn with its basis.
///
/// With the polar factors `B = Q_B R_B` and `A = R_A Q_A`, R symmetric: `Ḡ_A = R_B⁻¹ g_A`, `P = Q_Bᵀ Q_B,old`,
/// `V ← β₂ P V Pᵀ + (1 − β₂) Ḡ_A Ḡ_Aᵀ / n`, `M ← β₁ P M + (1 − β₁) V^(−1/2) Ḡ_A`, `A ← A − η (R_B⁻¹ M + λA)`; B alike. The
/// authors take QR decompositions, which give the same step. β are corrected for the zeros that V and M start from. Ḡ of
/// a factor with a root mean square above 1 is skipped, and all of them together are scaled down to norm 1.
///
/// Yen, Si, Meng, Yu, Duvvuri, Dhillon, Hsieh and Kumar, "LoRA Done RITE: Robust Invariant Transformation Equilibration for
/// LoRA Optimization", ICLR 2025, arXiv 2410.20625.
struct LoRARITE: Optimizer {
  var adamW: AdamW
  var kept = FactorState<RITEPart>()

  init(adamW: AdamW) { self.adamW = adamW }

  var needsPairs: Bool { true }

  mutating func step(
    _ groups: [GradientGroup], _ step: OptimizerStep, store: inout ParameterStore
  ) throws(TrainingError) {
    var rest = groups
    var pairs: [RITEPair] = []
    for index in groups.indices {
      for pair in groups[index].pairs {
        guard let gradients = groups[index].gradients(of: pair, in: store) else { continue }
        do { pairs.append(try RITEPair(pair, gradients, step)) } catch {
          throw .undefinedStep(module: groups[index].module, why: error)
        }
        rest[index].members.removeAll { [pair.down, pair.up].contains($0.parameter) }
      }
    }
    let norm = pairs.reduce(0) { $0 + $1.squares }.squareRoot()
    let clipping = norm > 1 ? 1 / norm : 1
    var (values, parts) = (store, kept)
    for pair in pairs {
      do { try pair.step(adamW, step, clipping: clipping, &parts, &values) } catch {
        throw .undefinedStep(module: pair.pair.down.module, why: error)
      }
    }
    (store, kept) = (values, parts)
    adamW.step(rest, step, store: &store)
  }

  /// Drops all moments of the pair: they are in the basis of factors that have changed.
  mutating func mask(_ parameter: Parameter, by mask: Tensor, on engine: any Engine) {
    adamW.mask(parameter, by: mask, on: engine)
    kept.forget(parameter)
  }

  func stateSize(of parameters: [Parameter]) -> Int {
    parameters.reduce(0) { sum, parameter in
      guard [.down, .up].contains(parameter.role) else {
        return sum + adamW.stateSize(of: [parameter])
      }
      return sum + RITEPart.allCases.reduce(0) { $0 + 4 * $1.shape(of: parameter).count }
    }
  }

  func state(on engine: any Engine) -> [TensorName: Tensor] {
    adamW.state(on: engine).merging(kept.named) { own, _ in own }
  }

  mutating func restore(
    _ state: [TensorName: Tensor], of parameters: [Parameter], on engine: any Engine
  ) throws(TrainingError) {
    var rest = state
    let kept = try FactorState<RITEPart>(from: &rest, of: parameters) { $1.shape(of: $0) }
    try adamW.restore(rest, of: parameters, on: engine)
    self.kept = kept
  }

  static let entry = MethodRegistry<OptimizerMaker>.Entry(
    MethodCard(
      name: "lora-rite", title: "LoRA-RITE",
      citation: "Yen, Si, Meng, Yu, Duvvuri, Dhillon, Hsieh and Kumar, \"LoRA Done RITE: Robust "
        + "Invariant Transformation Equilibration for LoRA Optimization\", ICLR 2025, "
        + "arXiv 2410.20625",
      equation:
        "Ḡ_A = R_B⁻¹ g_A, V ← β₂ P V Pᵀ + (1−β₂) Ḡ_A Ḡ_Aᵀ/n, M ← β₁ P M + (1−β₁) V^(−1/2) Ḡ_A, "
        + "A ← A − η (R_B⁻¹ M + λA); B alike",
      mechanism: "An r × r second moment in the basis of the other factor makes the steps of Adam "
        + "independent of how BA is split.",
      useWhen: "Choose it where the best learning rate is hard to find; it keeps a full matrix of "
        + "second moments of the rank's size.",
      options: AdamW.options)
  ) { options in
    { LoRARITE(adamW: AdamW(options, undecayed: $0)) }
  }
}
