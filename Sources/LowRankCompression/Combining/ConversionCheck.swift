import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors

/// How far the updates of one adapter are from those of another, module by module.
public struct ConversionCheck: Hashable, Sendable {
  /// Whether every module has the same factors, zeros behind them aside, and the same scale to twelve digits.
  public let isExact: Bool
  /// `‖ΔW' − ΔW‖_F` over all modules together; 0 where nothing differs.
  public let distance: Double
  /// The distance in units of `‖ΔW‖_F`.
  public let relativeDistance: Double

  /// Compares an adapter with the one it was made from.
  ///
  /// - Throws: `AdapterError.notFinite`, and what reading the factors throws.
  public init(of made: StoredAdapter, from original: StoredAdapter) throws {
    var twins: [TensorName: StoredModule] = [:]
    for module in made.modules { twins[TensorName(module.path)] = module }
    let (modules, found) = (original.modules, twins)
    let parts = try concurrentMap(modules.count, "checking the conversion") { index in
      try Self.part(found[TensorName(modules[index].path)], modules[index])
    }
    let sum = parts.reduce(0) { $0 + $1.distance * $1.distance }.squareRoot()
    let norm = parts.reduce(0) { $0 + $1.norm * $1.norm }.squareRoot()
    isExact = made.modules.count == modules.count && parts.allSatisfy(\.isExact)
    distance = sum
    relativeDistance = sum == 0 ? 0 : sum / norm
  }

  private struct Part: Sendable {
    let isExact: Bool
    let distance: Double
    let norm: Double
  }

  private static func part(_ made: StoredModule?, _ original: StoredModule) throws -> Part {
    let (up, down) = (try original.upMatrix(), try original.downMatrix())
    var factors = StackedFactors()
    factors.append(up, down, times: original.scale)
    let norm = try factors.norm()
    guard let made else { return Part(isExact: false, distance: norm, norm: norm) }
    let (newUp, newDown) = (try made.upMatrix(), try made.downMatrix())
    let rank = min(original.rank, made.rank)
    let isSame =
      abs(made.scale - original.scale) <= 1e-12 * abs(original.scale)
      && newUp.columns(0..<rank) == up.columns(0..<rank)
      && newDown.rows(0..<rank) == down.rows(0..<rank)
      && newUp.columns(rank..<made.rank).elements.allSatisfy { $0 == 0 }
    // Bits that are the same are no distance, not the rounding of one.
    if isSame && made.rank >= original.rank { return Part(isExact: true, distance: 0, norm: norm) }
    factors.append(newUp, newDown, times: -made.scale)
    return Part(isExact: false, distance: try factors.norm(), norm: norm)
  }
}
