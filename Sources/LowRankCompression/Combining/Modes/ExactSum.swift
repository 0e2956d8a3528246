import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors

/// The weighted sum of the updates, `Σ wᵢ sᵢ Bᵢ Aᵢ`, exact by concatenation: `B = [B₁ B₂ …]`, `A = [c₁A₁; c₂A₂; …]`.
///
/// With `cᵢ = wᵢ sᵢ / s` under the common scale s. Where cᵢ is ±1 nothing is rounded and the type stays; a factor that alone
/// makes up a module is copied byte for byte. Else A is written in single precision.
public struct ExactSum: CombinationMode {
  public let name = "sum"
  public let takesOne = true
  /// s, the scale of the result.
  public let scale: Double

  /// A sum under a scale above 0.
  public init(scale: Double = 1) { self.scale = scale }

  /// A sum under the `|w s|` that most modules have.
  public init(of adapters: [WeightedAdapter]) {
    let scales = adapters.flatMap { entry in
      entry.adapter.modules.map { abs(entry.weight * $0.scale) }
    }.filter { $0 > 0 && $0.isFinite }
    var counts: [Double: Int] = [:]
    for scale in scales { counts[scale, default: 0] += 1 }
    let most = counts.values.max()
    self.init(scale: scales.first { counts[$0] == most } ?? 1)
  }

  public func combine(_ terms: ModuleTerms) throws -> EditableAdapter.Module? {
    let parts = terms.terms.filter { $0.multiplier != 0 }
    guard let first = parts.first else { return nil }
    if parts.count == 1, first.multiplier == scale {
      return EditableAdapter.Module(
        path: terms.path, kind: terms.kind, down: first.module.down, up: first.module.up,
        scale: scale)
    }
    var factors = StackedFactors()
    var (ups, downs) = (Set<StoredType>(), Set<StoredType>())
    for part in parts {
      let (up, down) = (part.module.up, part.module.down)
      let multiplier = part.multiplier / scale
      // The multiplier belongs to A: B is copied.
      factors.append(try up.matrix(), scaled(try down.matrix(), by: multiplier), times: 1)
      ups.insert(up.type)
      downs.insert(abs(multiplier) == 1 ? down.type : .float32)
    }
    return EditableAdapter.Module(
      path: terms.path, kind: terms.kind,
      down: FactorMatrix(factors.down, rounded: Self.type(downs)),
      up: FactorMatrix(factors.up, rounded: Self.type(ups)), scale: scale)
  }

  private func scaled(_ matrix: HostMatrix<Double>, by factor: Double) -> HostMatrix<Double> {
    HostMatrix(matrix.elements.map { $0 * factor }, rows: matrix.rows, columns: matrix.columns)
  }

  /// The one type that all have, single precision where they differ.
  private static func type(_ types: Set<StoredType>) -> StoredType {
    types.count == 1 ? types.first ?? .float32 : .float32
  }
}
