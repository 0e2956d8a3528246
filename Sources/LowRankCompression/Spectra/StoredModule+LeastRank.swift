import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors

extension StoredModule {
  /// The least rank that the module can be cut to.
  ///
  /// DoRA computes `m ⊙ (W + s·BA) / ‖W + s·BA‖`: with magnitudes other than the norms of W, a module without BA still differs
  /// from the base. The norms are not known without the base, and PEFT reads no magnitudes without both factors.
  var leastRank: Int { magnitude == nil ? 0 : 1 }

  /// The magnitudes beside factors of zeros, of rank 1; nil for a module without magnitudes.
  package func magnitudesAlone(scale: Double, as type: StoredType) -> EditableAdapter.Module? {
    guard let magnitude else { return nil }
    return EditableAdapter.Module(
      path: path, kind: kind,
      down: FactorMatrix([Float](repeating: 0, count: inputs), [1, inputs], as: type),
      up: FactorMatrix([Float](repeating: 0, count: outputs), [outputs, 1], as: type),
      scale: scale, magnitude: magnitude)
  }
}
