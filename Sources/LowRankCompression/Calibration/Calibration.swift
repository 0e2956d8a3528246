import LowRankAdapters
import LowRankProgress
import LowRankTensors
import LowRankTraining
import LowRankTransformers

/// What the modules of an adapter are given on some data: of every module the second moment `S = A E[xxᵀ] Aᵀ`.
///
/// S is as small as the rank, whatever the width of the model, and is all that truncation by covariance needs.
public struct Calibration: Sendable {
  private let moments: [String: HostMatrix<Double>]
  /// The tokens that were read.
  public let tokens: Int
  /// How the adapter was read onto the base; nil for moments that were known.
  public private(set) var loading: LoadReport?

  /// S of a module, `[rank, rank]`; nil where it was never used.
  public func moment(of path: String) -> HostMatrix<Double>? { moments[path] }

  /// Moments that are known, by path.
  public init(moments: [String: HostMatrix<Double>], tokens: Int) {
    (self.moments, self.tokens) = (moments, tokens)
  }

  /// Runs the adapted model over the first rows of a set.
  ///
  /// - Parameter allowed: checks of loading that do not refuse the adapter.
  /// - Throws: what reading the factors and adding the adapter to the base throws.
  public init(
    _ adapter: StoredAdapter, on base: Model, data: some TrainingSet, rows: Int,
    allowing allowed: Set<LoadCheck> = []
  ) throws {
    let observer = try MomentObserver(adapter)
    let hung = try Adapter(from: adapter.url, on: base, allowing: allowed)
    var tokens = 0
    let count = min(max(1, rows), data.count)
    let work = Work("calibrating", of: count)
    defer { work.end() }
    for start in stride(from: 0, to: count, by: 8) {
      defer { work.advance(by: min(8, count - start)) }
      let batch = data.batch(at: Array(start..<min(start + 8, count)))
      guard !batch.ids.isEmpty else { continue }
      let ids = base.engine.tensor(batch.ids, [batch.ids.count])
      let pass = hung.model.pass(
        batch.rows, adapters: hung.selection, observers: [observer])
      if let classifier = hung.model.classifier {
        _ = classifier.logits(ids, pass)
      } else {
        _ = hung.model.causal.logits(ids, pass)
      }
      observer.observe(batch.ids)
      tokens += batch.ids.count
    }
    self.init(moments: observer.moments, tokens: tokens)
    loading = hung.loading
  }
}

/// Adds up `(A x)(A x)ᵀ` for every module.
private final class MomentObserver: LinearObserver {
  private let linear: [String: HostMatrix<Float>]
  private let tables: [String: HostMatrix<Float>]
  private var sums: [String: HostMatrix<Double>] = [:]
  private var counts: [String: Int] = [:]

  /// The mean moments.
  var moments: [String: HostMatrix<Double>] {
    var result: [String: HostMatrix<Double>] = [:]
    for (path, sum) in sums { result[path] = sum.scaled(by: 1 / Double(max(1, counts[path] ?? 1))) }
    return result
  }

  init(_ adapter: StoredAdapter) throws {
    func factors(_ kind: StoredModule.Kind) throws -> [String: HostMatrix<Float>] {
      Dictionary(
        uniqueKeysWithValues: try adapter.modules.filter { $0.kind == kind }.map { module in
          let numbers = try module.down.values()
          return (
            module.path,
            HostMatrix(numbers, rows: module.rank, columns: module.inputs).transposed
          )
        })
    }
    (linear, tables) = (try factors(.linear), try factors(.embedding))
  }

  func observe(_ path: String, input: Tensor, on engine: any Engine) {
    guard let down = linear[path] else { return }
    let inputs = HostMatrix(
      engine.floats(input), rows: input.shape.rows, columns: input.shape.columns)
    add(inputs.multiplied(by: down), to: path)
  }

  /// Tokens are what embeddings are given: x is the unit vector of each.
  func observe(_ ids: [Int32]) {
    for (path, table) in tables {
      let rows = ids.flatMap { table.rows(Int($0)..<Int($0) + 1).elements }
      add(HostMatrix(rows, rows: ids.count, columns: table.columns), to: path)
    }
  }

  private func add(_ projected: HostMatrix<Float>, to path: String) {
    let numbers = HostMatrix(
      projected.elements.map(Double.init), rows: projected.rows, columns: projected.columns)
    let moment = numbers.transposed.multiplied(by: numbers)
    sums[path] = sums[path].map { $0.subtracting(moment.scaled(by: -1)) } ?? moment
    counts[path, default: 0] += projected.rows
  }
}
