import LowRankAdapters
import LowRankCheckpoints
import LowRankCompression
import LowRankProgress
import LowRankTensors
import LowRankTraining

/// How much the loss rises when one part of an adapter is left out: a module, or one singular direction of a module.
public struct Ablation: Hashable, Sendable {
  /// The module.
  public let path: String
  /// The number of the direction that is left out; nil for the whole module.
  public let direction: Int?
  /// The energy σ² of the part.
  public let energy: Double
  /// The mean loss without the part.
  public let loss: Double
  /// How much that is above the loss of the whole adapter.
  public let increase: Double

  /// Measures the adapter without each of its modules.
  ///
  /// - Throws: what reading the factors and writing a trial adapter throws.
  public static func modules(
    of adapter: StoredAdapter, _ updates: [UpdateDecomposition], _ meter: QualityMeter,
    reporting report: (Ablation) -> Void = { _ in }
  ) throws -> [Ablation] {
    guard adapter.modules.count > 1 else { return [] }
    let work = Work("leaving out each module", of: adapter.modules.count, .modules)
    defer { work.end() }
    return try adapter.modules.indices.map { index in
      work.detail = adapter.modules[index].path
      defer { work.advance() }
      let rest = adapter.modules.indices.filter { $0 != index }
        .map { EditableAdapter.Module(adapter.modules[$0]) }
      let loss = try meter.loss(of: EditableAdapter(adapter, replacing: rest))
      let result = Ablation(
        path: adapter.modules[index].path, direction: nil,
        energy: updates[index].energy, loss: loss,
        increase: loss - meter.before.loss)
      report(result)
      return result
    }
  }

  /// Measures the adapter without each of its largest singular directions over all modules.
  ///
  /// - Throws: what reading the factors and writing a trial adapter throws.
  public static func directions(
    _ count: Int, of adapter: StoredAdapter, _ updates: [UpdateDecomposition],
    _ meter: QualityMeter, reporting report: (Ablation) -> Void = { _ in }
  ) throws -> [Ablation] {
    let largest = updates.enumerated().flatMap { module, update in
      update.sizedValues.enumerated().map { (module: module, index: $0.offset, value: $0.element) }
    }.sorted { (-$0.value, $0.module, $0.index) < (-$1.value, $1.module, $1.index) }
    let work = Work(
      "leaving out each direction", of: min(count, largest.count), .directions)
    defer { work.end() }
    return try largest.prefix(count).map { part in
      defer { work.advance() }
      let stored = adapter.modules[part.module]
      var modules = adapter.modules.map { EditableAdapter.Module($0) }
      let (up, down) = updates[part.module].without(part.index).balancedFactors
      modules[part.module] = EditableAdapter.Module(
        path: stored.path, kind: stored.kind,
        down: FactorMatrix(down, rounded: .float32), up: FactorMatrix(up, rounded: .float32),
        scale: 1, magnitude: stored.magnitude)
      if up.columns == 0 {
        let rest = stored.magnitudesAlone(scale: 1, as: .float32)
        modules.replaceSubrange(part.module...part.module, with: rest.map { [$0] } ?? [])
      }
      let loss = try meter.loss(of: EditableAdapter(adapter, replacing: modules))
      let result = Ablation(
        path: stored.path, direction: part.index, energy: part.value * part.value, loss: loss,
        increase: loss - meter.before.loss)
      report(result)
      return result
    }
  }
}

extension UpdateDecomposition {
  /// The update without one component.
  func without(_ index: Int) -> UpdateDecomposition {
    let kept = values.indices.filter { $0 != index }
    var (left, right) = (
      HostMatrix<Double>(zeros: left.rows, kept.count),
      HostMatrix<Double>(zeros: kept.count, right.columns)
    )
    for (new, old) in kept.enumerated() {
      for row in 0..<left.rows { left[row, new] = self.left[row, old] }
      for column in 0..<right.columns { right[new, column] = self.right[old, column] }
    }
    return UpdateDecomposition(
      path: path, left: left, values: kept.map { values[$0] }, right: right)
  }
}
