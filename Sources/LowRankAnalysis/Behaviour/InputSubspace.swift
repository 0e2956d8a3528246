import LowRankAdapters
import LowRankCompression
import LowRankProgress
import LowRankTensors
import LowRankTraining
import LowRankTransformers

/// How much of an update reads the principal directions of what the module is really given.
///
/// `‖ΔW V_k V_kᵀ‖_F² / ‖ΔW‖_F²`, V_k being the leading k principal directions of the inputs' second moment E[xxᵀ]; a random
/// update has k/n.
public struct InputSubspace: Hashable, Sendable {
  /// k.
  public let dimensions: Int
  /// The share of the update's energy within them.
  public let share: Double
  /// The share of the inputs' own energy within them.
  public let inputShare: Double
  /// k/n.
  public let baseline: Double

  /// Compares an update with rows of inputs, `[rows, inputs]`.
  ///
  /// - Parameter dimensions: k; nil for the update's rank.
  /// - Throws: `LinearAlgebraError` where a number is not finite.
  public init(
    of update: UpdateDecomposition, inputs: HostMatrix<Double>, dimensions: Int? = nil
  ) throws(LinearAlgebraError) {
    precondition(inputs.columns == update.right.columns, "inputs of \(inputs.columns) numbers")
    let principal = try LeadingSingularVectors(dimensions ?? update.values.count, of: inputs)
    self.dimensions = principal.values.count
    let products = update.right.multiplied(by: principal.right.transposed)
    var inside = 0.0
    for (row, value) in update.values.enumerated() {
      for column in 0..<products.columns {
        inside += value * value * products[row, column] * products[row, column]
      }
    }
    share = update.energy > 0 ? inside / update.energy : 0
    let all = inputs.elements.reduce(0) { $0 + $1 * $1 }
    inputShare = all > 0 ? principal.values.reduce(0) { $0 + $1 * $1 } / all : 0
    baseline = Double(self.dimensions) / Double(inputs.columns)
  }
}

/// Keeps what linear maps are given, up to a number of rows each.
public final class InputRecorder: LinearObserver {
  private let wanted: Set<String>
  private let limit: Int
  private var rows: [String: [Float]] = [:]

  /// A recorder for some modules.
  public init(_ paths: some Sequence<String>, rows limit: Int) {
    wanted = Set(paths)
    self.limit = limit
  }

  /// Keeps the first rows that are still missing.
  public func observe(_ path: String, input: Tensor, on engine: any Engine) {
    guard wanted.contains(path) else { return }
    let width = input.shape.columns
    let missing = limit * width - (rows[path]?.count ?? 0)
    guard missing > 0 else { return }
    rows[path, default: []] += engine.floats(input).prefix(missing)
  }

  /// What a module was given, `[rows, inputs]`; nil where it never was used.
  public func inputs(of path: String, width: Int) -> HostMatrix<Double>? {
    guard let numbers = rows[path], !numbers.isEmpty else { return nil }
    return HostMatrix(numbers.map(Double.init), rows: numbers.count / width, columns: width)
  }

  /// Runs a model over examples until every module has its rows.
  public func record(_ model: Model, adapters: AdapterSelection, on set: ExampleSet) {
    var seen = 0
    let work = Work("recording inputs", of: set.count)
    defer { work.end() }
    for batch in SequentialBatches(set, batchSize: 8) where !batch.ids.isEmpty {
      guard seen < limit else { return }
      let ids = model.engine.tensor(batch.ids, [batch.ids.count])
      _ = model.architecture.hidden(
        ids, model.pass(batch.rows, adapters: adapters, observers: [self]))
      seen += batch.ids.count
      work.advance(by: batch.sources.count)
    }
  }
}
