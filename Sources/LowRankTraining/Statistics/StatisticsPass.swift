import LowRankAdapters
import LowRankProgress
import LowRankTensors
import LowRankTransformers

/// Collects what a start needs to know of a run's data, before the run's adapter exists.
///
/// The first batches of the run go through the base, without dropout; padding does not exist, so every row is a real token.
/// Modules are taken in groups whose sums fit a budget, each group with a pass of its own, and a group's factors are worked
/// out before the next group begins. The result does not depend on the groups. Of several processes each computes its share of
/// every batch.
public struct StatisticsPass {
  /// What statistics led to.
  public struct Result: Sendable {
    /// The factors of every pair.
    public let start: PreparedStart
    /// The rank of each module by path, zero for one that is left as it is; nil where the ranks stay.
    public let ranks: [String: Int]?
    /// The time that collecting took, over all groups of modules.
    public let collecting: StatisticsTime
    /// The time that working out the factors took.
    public let decomposing: StatisticsTime
  }

  private let base: Model
  private let data: any TrainingSet
  private let batches: [[Int]]
  private let start: any Initialization
  private let budget: Int
  private let examplesAtOnce: Int?
  private let reducer: any Reducer

  /// A pass for a start.
  ///
  /// - Parameters:
  ///   - batchSize: the examples of a batch, over all processes.
  ///   - seed: what the order of the examples follows from; nil for that of the file.
  ///   - budget: the bytes that the sums of a group of modules may take; a module alone may take more.
  ///   - examplesAtOnce: the most examples that are computed at once; nil for all of a batch.
  /// - Throws: `DataError` where there are no examples.
  public init(
    for start: any Initialization, on base: Model, data: any TrainingSet, batchSize: Int,
    seed: UInt64?, budget: Int = 1 << 30, examplesAtOnce: Int? = nil,
    reducer: any Reducer = SingleProcess()
  ) throws {
    var loader = try Loader(data, batchSize: batchSize, seed: seed)
    let count = min(start.needs.batches, loader.batchesPerEpoch)
    batches = (0..<count).flatMap { _ in loader.nextStep(of: 1) }
    (self.base, self.data, self.start, self.reducer) = (base, data, start, reducer)
    (self.budget, self.examplesAtOnce) = (budget, examplesAtOnce)
  }

  /// The bytes that the statistics of some sites take at a time, with the decomposition of the largest.
  public static func memory(
    of sites: [AdaptedSite], for start: any Initialization, budget: Int
  ) -> Int {
    let groups = groups(of: sites, for: start.needs, budget: budget)
    let sums = groups.map { $0.reduce(0) { $0 + bytes(of: $1, for: start.needs) } }.max() ?? 0
    // In double precision, with the results and the work space of LAPACK beside the matrix.
    let decomposition = sites.map { 8 * bytes(of: $0, for: start.needs) }.max() ?? 0
    return sums + decomposition
  }

  /// The factors of an adapter's sites.
  ///
  /// - Parameters:
  ///   - adapter: a fresh adapter of the run's configuration on the base, whatever its factors.
  ///   - seed: the seed of the adapter.
  /// - Throws: `StartError`, `AdapterError`, `LinearAlgebraError`, what the reducer throws.
  public func result(for adapter: Adapter, seed: UInt64 = 0) throws -> Result {
    let needs = start.needs
    if needs.needsBackwardPass, let head = adapter.sites.first(where: { $0.site.role == .head }) {
      throw AdapterError.cannotAdapt(
        method: "the start \(start.configurationValue.text)", path: head.path,
        kind: "a head, whose gradients are never there as a whole")
    }
    let probe = try needs.needsBackwardPass ? Self.probe(like: adapter) : nil
    let groups = Self.groups(of: adapter.sites, for: needs, budget: try commonBudget())
    let rows = batches.reduce(0) { $0 + $1.count }
    let work = Work("collecting statistics", of: rows * groups.count)
    defer { work.end() }
    var factors: [String: StartingFactors] = [:]
    var (collected, decomposed) = (StatisticsTime(), StatisticsTime())
    for group in groups {
      let before = StatisticsTime.now
      // Other processes may have no rows, and so not know which maps are given the same inputs.
      let sums = group.map {
        SiteSums($0, needs, on: base.engine, isSharing: reducer.world == 1)
      }
      var tokens = try add(to: sums, probe, work)
      if reducer.world > 1 {
        var count = [Double(tokens)]
        try reducer.sum(&count)
        tokens = Int(count[0])
      }
      // What the passes leave idle is room for the decompositions.
      (base.engine as? CPUEngine)?.pool.trim()
      let middle = StatisticsTime.now
      let decomposing = Work("decomposing statistics", of: group.count, .modules)
      defer { decomposing.end() }
      for sums in sums {
        let statistics = try sums.finished(reducer, tokens: tokens)
        let found = try StartRequest.factors(
          of: sums.site, on: base, from: start, knowing: statistics, seed: seed)
        factors.merge(found) { $1 }
        decomposing.advance()
      }
      collected += middle - before
      decomposed += StatisticsTime.now - middle
    }
    guard start.choosesRanks else {
      return Result(
        start: PreparedStart(factors, of: start), ranks: nil, collecting: collected,
        decomposing: decomposed)
    }
    let shared = try SharedRanks(of: adapter, by: start, factors, reducer)
    return Result(
      start: PreparedStart(try shared.cut(factors), of: start), ranks: shared.ranks,
      collecting: collected, decomposing: decomposed)
  }

  /// Shows the first batches to the sums; how many losses there were in this process.
  private func add(to sums: [SiteSums], _ probe: Adapter?, _ work: Work) throws -> Int {
    let observer = StatisticsObserver(sums, start.needs)
    let model = probe?.model ?? base
    let paths = Set(sums.map(\.site.path))
    let watched = probe.map { probe in
      zip(probe.sites, probe.updates).filter { paths.contains($0.0.path) }.flatMap(\.1.parameters)
    }
    var tokens = 0
    for examples in batches {
      defer { work.advance(by: examples.count) }
      let step = StepExamples([examples], of: data)
      for part in step.share(of: reducer.rank, among: reducer.world, atOnce: examplesAtOnce) {
        let batch = data.batch(at: part.examples)
        guard batch.lossCount > 0 else { continue }
        observer.begin(batch.rows, of: batch.sources, trained: batch.trainedRows)
        let tape = watched.map { watched in
          let tape = Tape(on: model.engine)
          for parameter in watched { tape.watch(model.store[parameter], as: parameter) }
          return tape
        }
        let losses = batch.losses(
          of: model,
          model.pass(
            batch.rows, tape: tape, adapters: probe?.selection ?? .none, observers: [observer]))
        _ = tape?.gradients(from: [(losses, model.engine.filled(1, losses.shape))])
        tokens += batch.lossCount
      }
    }
    return tokens
  }

  /// An adapter that adds nothing, whose factors lead the derivative to the outputs of the adapted maps.
  private static func probe(like adapter: Adapter) throws -> Adapter {
    var configuration = adapter.configuration
    configuration.method = LoRA(start: RestoredStart(like: KaimingStart()))
    configuration.ranks = PatternRanks(rank: 1, alpha: 1)
    return try Adapter(on: adapter.base, tolerating: configuration)
  }

  /// The budget of process 0, so that all have the same groups.
  private func commonBudget() throws -> Int {
    var bytes = withUnsafeBytes(of: Int64(budget)) { Array($0) }
    try reducer.broadcast(&bytes)
    return Int(bytes.withUnsafeBytes { $0.loadUnaligned(as: Int64.self) })
  }

  private static func bytes(of site: AdaptedSite, for needs: StartNeeds) -> Int {
    needs.bytes(
      inputs: site.map.inputs,
      slices: site.slices?.map(\.outputs.count) ?? [site.map.outputs])
  }

  /// The sites in groups whose sums fit the budget, each of one site at least.
  private static func groups(
    of sites: [AdaptedSite], for needs: StartNeeds, budget: Int
  ) -> [[AdaptedSite]] {
    var groups: [[AdaptedSite]] = []
    var room = 0
    for site in sites {
      let size = bytes(of: site, for: needs)
      if groups.isEmpty || size > room {
        groups.append([])
        room = budget
      }
      groups[groups.count - 1].append(site)
      room -= size
    }
    return groups
  }
}
