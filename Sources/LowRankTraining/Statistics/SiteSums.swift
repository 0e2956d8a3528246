import LowRankAdapters
import LowRankTensors
import LowRankTransformers

/// The sums over rows that the statistics of one linear map are made of, in single precision.
///
/// Maps that are given the same inputs, as queries, keys and values are, share the sums of these.
final class SiteSums {
  let site: AdaptedSite
  /// The outputs of each pair of factors.
  let slices: [Range<Int>]
  private let needs: StartNeeds
  private let engine: any Engine
  /// The sums of the inputs, of each part of the examples where there are several; nil before the first are added.
  private var inputs: [MomentSums]?
  private let isSharing: Bool
  private var isSharer = false
  private var outputs: [MomentSums] = []
  private var gradients: [Tensor] = []

  /// Empty sums.
  ///
  /// - Parameter isSharing: whether the sums of inputs may be those of another map.
  init(_ site: AdaptedSite, _ needs: StartNeeds, on engine: any Engine, isSharing: Bool) {
    (self.site, self.needs, self.engine, self.isSharing) = (site, needs, engine, isSharing)
    slices = site.slices?.map(\.outputs) ?? [0..<site.map.outputs]
    if needs.outputGradients { outputs = slices.map { MomentSums($0.count, on: engine) } }
    if needs.gradient {
      gradients = slices.map { engine.zeros([$0.count, site.map.inputs], type: .float32) }
    }
  }

  /// Takes the sums of another map, which was just given the same inputs; false where this one has its own.
  func shareInputs(of other: SiteSums) -> Bool {
    guard isSharing else { return false }
    if inputs == nil { (inputs, isSharer) = (other.inputs, true) }
    return isSharer
  }

  /// Adds inputs, of which only some rows may count, to those of all or of the part that their examples belong to.
  ///
  /// - Parameters:
  ///   - trained: the rows that count; nil for all.
  ///   - sequences: the rows of each sequence.
  ///   - examples: the example of each row that counts, where parts are asked for.
  func add(inputs x: Tensor, trained: [Int32]?, sequences: [Range<Int>], of examples: [Int]) {
    guard let kind = needs.inputs else { return }
    precondition(!isSharer, "\(site.path) was given other inputs than the map it shares sums with")
    let sums = ownInputs()
    guard needs.folds < 2 else {
      let rows = trained ?? (0..<Int32(x.shape.rows)).map { $0 }
      return add(folded: x, rows: rows, of: examples, to: sums)
    }
    switch kind {
    case .scaledSequences:
      for rows in sequences where !rows.isEmpty { sums[0].add(scaled: x, rows: rows) }
    case .trainedRows:
      sums[0].add(
        trained.map { engine.rows(of: x, at: engine.tensor($0, [$0.count]), type: x.type) } ?? x)
    case .allRows: sums[0].add(x)
    }
  }

  private func ownInputs() -> [MomentSums] {
    if let inputs { return inputs }
    let made = (0..<max(1, needs.folds)).map { _ in MomentSums(site.map.inputs, on: engine) }
    inputs = made
    return made
  }

  private func add(
    folded x: Tensor, rows: [Int32], of examples: [Int], to folds: [MomentSums]
  ) {
    for fold in folds.indices {
      let own = zip(rows, examples).filter { $0.1 % folds.count == fold }.map(\.0)
      guard !own.isEmpty else { continue }
      folds[fold].add(engine.rows(of: x, at: engine.tensor(own, [own.count]), type: x.type))
    }
  }

  /// Adds gradients of the outputs with the inputs that they belong to.
  func add(outputGradients dy: Tensor, inputs x: Tensor) {
    for (index, slice) in slices.enumerated() {
      let part = Matrix(dy, columns: slice, transposed: true)
      if needs.gradient {
        engine.addProduct(
          part, Matrix(x), scale: 1, to: &gradients[index], rows: nil, columns: nil)
      }
      if needs.outputGradients {
        outputs[index].add(slice.count == dy.shape.columns ? dy : engine.columns(slice, of: dy))
      }
    }
  }

  /// The statistics of each pair of factors, over all processes, with the sums given back.
  ///
  /// - Parameter tokens: the number of losses of all processes, of whose mean the gradient is.
  /// - Throws: what the reducer throws.
  func finished(_ reducer: any Reducer, tokens: Int) throws -> [SiteStatistics] {
    var statistics = slices.map { _ in SiteStatistics() }
    if needs.inputs != nil {
      let parts = try ownInputs().map { try $0.finished(reducer) }
      let moments = ownInputs()[0].whole(of: parts)
      for index in slices.indices {
        statistics[index].inputs = moments
        statistics[index].folds = parts.count > 1 ? parts : []
      }
      inputs = nil
    }
    for index in outputs.indices {
      statistics[index].outputs = try outputs[index].finished(reducer)
    }
    outputs = []
    for index in gradients.indices {
      var numbers = engine.floats(gradients[index])
      try reducer.sum(&numbers)
      let share = 1 / Float(max(1, tokens))
      for place in numbers.indices { numbers[place] *= share }
      statistics[index].gradient = HostMatrix(
        numbers, rows: slices[index].count, columns: site.map.inputs)
    }
    gradients = []
    return statistics
  }
}
