import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors

/// One module with its first components kept.
struct ModuleCut: Sendable {
  /// The factors to write; nil where nothing is kept.
  ///
  /// Magnitudes stay, beside factors of zeros where BA is nothing.
  let module: EditableAdapter.Module?
  /// The energy of what was cut off.
  let discardedEnergy: Double
  /// The same as policies see it: weighted by the inputs' covariance where there is a calibration.
  let outputEnergy: Double
  /// A bound on what storing the new factors in their type changes of the update, in the Frobenius norm.
  let rounding: Double

  init(_ stored: StoredModule, _ decomposition: any ModuleDecomposition, keeping wanted: Int) throws
  {
    let spectrum = decomposition.spectrum
    // What has no size has no direction either.
    let sized = spectrum.values.prefix { $0 > 0 }.count
    // Factors of a higher rank than the map can have are cut to what it has.
    let isWhole = wanted >= spectrum.values.count && stored.rank == spectrum.values.count
    let rank = isWhole ? wanted : min(wanted, sized)
    outputEnergy = spectrum.discardedEnergy(keeping: rank)
    guard rank > 0 else {
      (module, rounding, discardedEnergy) = (
        stored.magnitudesAlone(scale: stored.scale, as: stored.down.type), 0, decomposition.energy
      )
      return
    }
    guard !isWhole else {
      (module, rounding, discardedEnergy) = (EditableAdapter.Module(stored), 0, 0)
      return
    }
    let kept = try decomposition.truncated(stored, to: rank)
    discardedEnergy = kept.discardedEnergy
    let (newUp, upError) = Self.rounded(kept.up, to: stored.up.type)
    let (newDown, downError) = Self.rounded(kept.down, to: stored.down.type)
    module = EditableAdapter.Module(
      path: stored.path, kind: stored.kind, down: newDown, up: newUp, scale: stored.scale,
      magnitude: stored.magnitude)
    // ‖B'A' − B̂Â‖ ≤ ‖B' − B̂‖ ‖A'‖₂ + (‖B'‖₂ + ‖B' − B̂‖) ‖A' − Â‖, and ‖A'‖₂ = ‖B'‖₂ = √σ₁.
    let norm = kept.largest.squareRoot()
    rounding = abs(stored.scale) * (upError * norm + (norm + upError) * downError)
  }

  /// A factor in the type of a file, and the Frobenius norm of what that changed.
  private static func rounded(_ matrix: HostMatrix<Double>, to type: StoredType) -> (
    FactorMatrix, Double
  ) {
    var error = 0.0
    let numbers = [Float](unsafeUninitializedCapacity: matrix.elements.count) { numbers, count in
      for (index, number) in matrix.elements.enumerated() {
        let rounded = Float(number).rounded(to: type)
        let difference = Double(rounded) - number
        error += difference * difference
        numbers.initializeElement(at: index, to: rounded)
      }
      count = numbers.count
    }
    return (
      FactorMatrix(numbers, [matrix.rows, matrix.columns], as: type), error.squareRoot()
    )
  }
}
