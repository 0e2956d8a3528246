import LowRankAdapters
import LowRankCheckpoints
import LowRankProgress
import LowRankTensors
import LowRankTraining
import LowRankTransformers

/// How much the loss on some rows depends on each component of each module of an adapter.
///
/// Each row takes one forward and one backward pass. Only `Bᵀ ∂L/∂B` is kept of a module, `[rank, rank]`: with
/// `M = R_Aᵀ V Σ^{-1/2}` and `N = Σ^{-1/2} Uᵀ R_B`, the balanced factors are `B M` and `N A`, and γ is the diagonal of
/// `Mᵀ (Bᵀ ∂L/∂B) Nᵀ`.
public struct ComponentImportance: Sendable {
  /// The rule.
  public let score: ImportanceScore
  /// The rows that were read.
  public let rows: Int
  /// The trained tokens, or the sequences that are classified.
  public let tokens: Int
  private let scoresByPath: [String: [Double]]

  /// The importance of a module's components in the order of their singular values; nil where it was never used.
  public func scores(of path: String) -> [Double]? { scoresByPath[path] }

  /// The importance of all components by module, in the order of their singular values, as JSON.
  public var json: JSONObject {
    [
      "rows": .integer(rows), "tokens": .integer(tokens),
      "components": .object(
        JSONObject(
          scoresByPath.sorted { $0.key < $1.key }
            .map { ($0.key, .array($0.value.map { .double($0) })) })),
    ]
  }

  /// Runs the adapted model forward and backward over the first rows of a set, without dropout.
  ///
  /// - Parameter allowed: checks of loading that do not refuse the adapter.
  /// - Throws: `CompressionError.noGradient` for tables of embeddings, and what reading the factors and adding the adapter
  ///   to the base throws.
  public init(
    _ adapter: StoredAdapter, on base: Model, data: some TrainingSet, rows: Int,
    by score: ImportanceScore, allowing allowed: Set<LoadCheck> = []
  ) throws {
    self.score = score
    let plain = EditableAdapter(adapter, replacing: adapter.modules.map { .init($0) })
    let hung = try Adapter(drafted: plain, on: base, allowing: allowed)
    var sums = try adapter.modules.map { try GateSums($0, of: hung) }
    let (model, count) = (hung.model, min(max(1, rows), data.count))
    var tokens = 0
    let work = Work("weighing components", of: count)
    defer { work.end() }
    for row in 0..<count {
      let batch = data.batch(at: [row])
      work.advance()
      guard batch.lossCount > 0 else { continue }
      let tape = Tape(on: model.engine)
      for sum in sums { tape.watch(model.store[sum.up], as: sum.up) }
      let losses = batch.losses(
        of: model, model.pass(batch.rows, tape: tape, adapters: hung.selection))
      let gradients = tape.gradients(from: [(losses, model.engine.filled(1, losses.shape))])
      for index in sums.indices {
        guard let gradient = gradients[sums[index].up] else { continue }
        sums[index].add(model.engine.floats(gradient))
      }
      tokens += batch.lossCount
    }
    var found: [String: [Double]] = [:]
    for sum in sums where sum.isUsed {
      found[sum.path] = zip(sum.sums, sum.squares).map {
        score.value(sum: $0, squares: $1, tokens: tokens)
      }
    }
    (scoresByPath, self.rows, self.tokens) = (found, count, tokens)
  }
}

/// The sums over rows of γ and γ² of a module's components.
private struct GateSums {
  let path: String
  /// B of the adapter on the base.
  let up: Parameter
  private(set) var sums: [Double]
  private(set) var squares: [Double]
  private(set) var isUsed = false
  private let factor: HostMatrix<Double>
  private let decomposition: FactorDecomposition

  init(_ module: StoredModule, of adapter: Adapter) throws {
    guard module.kind == .linear,
      let place = adapter.sites.firstIndex(where: { $0.path == module.path }),
      adapter.updates[place].pairs.count == 1, let pair = adapter.updates[place].pairs.first
    else { throw CompressionError.noGradient(module: module.path) }
    (path, up) = (module.path, pair.up)
    decomposition = try FactorDecomposition(module)
    factor = try module.upMatrix()
    sums = [Double](repeating: 0, count: decomposition.values.count)
    squares = sums
  }

  /// Adds a row, by the gradient of B.
  mutating func add(_ gradient: [Float]) {
    isUsed = true
    let matrix = HostMatrix(
      gradient.map(Double.init), rows: factor.rows, columns: factor.columns)
    let small = factor.transposed.multiplied(by: matrix)
    let right = small.multiplied(by: decomposition.downMap.transposed)
    for index in sums.indices where decomposition.values[index] > 0 {
      var gate = 0.0
      for row in 0..<right.rows { gate += decomposition.upMap[row, index] * right[row, index] }
      gate /= decomposition.values[index]
      sums[index] += gate
      squares[index] += gate * gate
    }
  }
}
