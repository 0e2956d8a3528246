import LowRankAdapters
import LowRankTensors

/// One module as several adapters have it: what `ΔW = Σ wᵢ sᵢ Bᵢ Aᵢ` is made of.
public struct ModuleTerms: Sendable {
  /// One adapter's part.
  public struct Term: Sendable {
    /// The factors.
    public let module: StoredModule
    /// w.
    public let weight: Double
    /// The number of the adapter, from 0.
    public let adapter: Int

    /// w·s.
    public var multiplier: Double { weight * module.scale }
  }

  /// The checkpoint path.
  public let path: String
  /// What kind of module it is.
  public let kind: StoredModule.Kind
  /// The parts of the adapters that have the module, in their order; at least one.
  public internal(set) var terms: [Term]

  /// The number of outputs and inputs.
  var shape: (outputs: Int, inputs: Int) { (terms[0].module.outputs, terms[0].module.inputs) }

  /// The thin factors of the exact sum: `[w₁s₁B₁ w₂s₂B₂ …]` and the A on top of each other.
  ///
  /// - Throws: `AdapterError.notFinite`, and what reading the factors throws.
  func factors() throws -> StackedFactors {
    var factors = StackedFactors()
    for term in terms {
      factors.append(
        try term.module.upMatrix(), try term.module.downMatrix(), times: term.multiplier)
    }
    return factors
  }
}
