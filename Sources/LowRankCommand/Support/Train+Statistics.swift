import Foundation
import LowRank

extension Train {
  /// The key of the settings that has the ranks that statistics of data gave to modules.
  static let ranksKey = "shared_ranks"

  /// The adapter with its factors, and perhaps its ranks, made from statistics of the run's data.
  ///
  /// - Parameters:
  ///   - start: the start that needs them.
  ///   - adapter: the adapter without its factors.
  func adapter(
    for task: any TaskRun, startingAt start: any Initialization, insteadOf adapter: Adapter,
    rows: any TrainingSet, _ reducer: any Reducer
  ) throws -> Adapter {
    let pass = try StatisticsPass(
      for: start, on: task.base, data: rows, batchSize: runOptions.steps.batchSize,
      seed: runOptions.noShuffle ? nil : options.seedBits, budget: planOptions.statisticsBudget,
      // Fewer at once take less memory; the sums are the same but for rounding.
      examplesAtOnce: planOptions.limit == nil ? nil : 1, reducer: reducer)
    let found = try AdapterError.asUsage(target: adapterOptions.targetFlag) {
      try pass.result(for: adapter, seed: options.seedBits)
    }
    let result = try self.adapter(for: task, isResumed: false) { configuration in
      configuration.method =
        configuration.method.starting(at: found.start) ?? configuration.method
      if let ranks = found.ranks { try configuration.share(ranks, among: adapter.sites) }
    }
    if let ranks = found.ranks?.values, let least = ranks.min(), let most = ranks.max() {
      let left = ranks.count { $0 == 0 }
      Console.write(
        "ranks from \(least) to \(most) by the variance that directions explain"
          + (left == 0 ? "" : "; \(counted(left, "module")) of rank 0 left as the base has them"))
    }
    return result
  }

  /// The adapter of a saved state, with the ranks that statistics gave it then.
  func adapter(
    for task: any TaskRun, resuming adapter: Adapter, with settings: JSONObject
  ) throws -> Adapter {
    guard let saved = settings[Self.ranksKey]?.object else { return adapter }
    var ranks: [String: Int] = [:]
    for (path, rank) in saved.entries { ranks[path] = rank.integer }
    return try self.adapter(for: task, isResumed: true) {
      try $0.share(ranks, among: adapter.sites)
    }
  }

  /// The ranks that statistics gave to modules; null where they stayed as they were.
  func sharedRanks(of adapter: Adapter) throws -> JSONValue {
    guard let start = try adapterOptions.startOfData(), start.rankGrowth > 1 else { return .null }
    var ranks = JSONObject()
    for site in adapter.sites { ranks[site.path] = .integer(site.rank) }
    return .object(ranks)
  }

  /// The memory that statistics take beyond what the run takes anyway, and what is said of ranks in a plan.
  func planStatistics(_ plan: inout RunPlan, of adapter: Adapter) throws {
    guard let start = try adapterOptions.startOfData() else { return }
    let bytes = StatisticsPass.memory(
      of: adapter.sites, for: start, budget: try planOptions.statisticsBudget)
    let memory = plan.memory
    // The optimizer's state, saves and caches come later.
    let room = memory.trained + memory.optimizer + memory.saving + memory.caches
    plan.memory.statistics = max(0, bytes - room)
    plan.memory.reading = max(0, memory.reading - plan.memory.statistics)
  }
}
