import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankCompression
import LowRankTensors

/// The comparison of one module, which either adapter may lack.
struct ModuleDifference {
  let module: AdapterDifference.Module

  init(_ a: StoredModule?, _ b: StoredModule?, in file: String) throws {
    guard let any = a ?? b else { preconditionFailure("a module that neither adapter has") }
    if let a, let b, a.inputs != b.inputs || a.outputs != b.outputs {
      throw AdapterError.misshapenTensor(
        file: file, name: b.path, found: "\(b.outputs) × \(b.inputs)",
        expected: "\(a.outputs) × \(a.inputs), as the other adapter has it")
    }
    let sides = try [a, b].map { try $0.map(Side.init) }
    let norms = sides.map { $0?.norm ?? 0 }
    let distance = try Self.distance(sides)
    let rounding = sides.compactMap { $0?.rounding }.reduce(0, +)
    let product = (norms[0] * norms[0] + norms[1] * norms[1] - distance * distance) / 2
    let magnitudes = try [a, b].map { try $0?.magnitude?.floats() }
    let hasEqualMagnitudes = magnitudes[0] == magnitudes[1]
    module = AdapterDifference.Module(
      path: any.path, ranks: [a?.rank ?? 0, b?.rank ?? 0], norms: norms, distance: distance,
      cosine: norms[0] * norms[1] > 0
        ? max(-1, min(1, product / (norms[0] * norms[1]))) : 0,
      rounding: rounding, hasEqualMagnitudes: hasEqualMagnitudes,
      magnitudeDistance: Self.distance(magnitudes[0], magnitudes[1]),
      isEqual: distance <= rounding && hasEqualMagnitudes)
  }

  /// ‖m − m'‖; nil where one is missing.
  private static func distance(_ a: [Float]?, _ b: [Float]?) -> Double? {
    guard let a, let b else { return nil }
    return zip(a, b).reduce(0) { sum, pair in
      let difference = Double(pair.0) - Double(pair.1)
      return sum + difference * difference
    }.squareRoot()
  }

  /// One adapter's factors, the scale in B.
  private struct Side {
    let up: HostMatrix<Double>
    let down: HostMatrix<Double>
    let norm: Double
    let rounding: Double

    init(_ module: StoredModule) throws {
      up = try module.upMatrix().scaled(by: module.scale)
      down = try module.downMatrix()
      var factors = StackedFactors()
      factors.append(up, down, times: 1)
      norm = try factors.norm()
      // A factor of another gauge was rounded once, by half a unit in its last place, and canonical ones to 20 bits.
      let unit = max(0x1p-21, module.down.type.unitRoundoff, module.up.type.unitRoundoff)
      rounding = 4 * unit * up.frobeniusNorm * down.frobeniusNorm
    }
  }

  /// ‖ΔW − ΔW'‖_F of updates that may be missing.
  private static func distance(_ sides: [Side?]) throws -> Double {
    var factors = StackedFactors()
    for (side, sign) in zip(sides, [1.0, -1]) {
      if let side { factors.append(side.up, side.down, times: sign) }
    }
    return try factors.norm()
  }
}
