import Foundation
import LowRank

extension RunSettings {
  /// The adapter with its factors, and perhaps its ranks, made from statistics of the run's data.
  ///
  /// - Parameters:
  ///   - start: the start that needs them.
  ///   - adapter: the adapter without its factors.
  func makeAdapter(
    for task: any RunTask, startingAt start: any Initialization, insteadOf adapter: Adapter,
    rows: any TrainingSet, _ reducer: any Reducer
  ) throws -> Adapter {
    let pass = try StatisticsPass(
      for: start, on: task.base, data: rows, batchSize: self.steps.batchSize,
      seed: noShuffle ? nil : model.seedBits, budget: plan.statisticsBudget,
      // Fewer at once take less memory; the sums are the same but for rounding.
      examplesAtOnce: plan.limit == nil ? nil : 1, reducer: reducer)
    let found = try AdapterError.asSettings(target: self.adapter.targetKey) {
      try pass.result(for: adapter, seed: model.seedBits)
    }
    func spoken(_ time: StatisticsTime) -> String {
      String(
        format: "%.1f s (%.1f s of the processor)", time.seconds, time.processorSeconds)
    }
    Remarks.say(
      "statistics collected in \(spoken(found.collecting)), factors worked out in "
        + spoken(found.decomposing))
    let result = try makeAdapter(for: task, isResumed: false) { configuration in
      configuration.method =
        configuration.method.starting(at: found.start) ?? configuration.method
      if let ranks = found.ranks {
        try configuration.share(ranks, among: adapter.sites, keepingScale: start.keepsScale)
      }
    }
    if let ranks = found.ranks?.values, let least = ranks.min(), let most = ranks.max() {
      let left = ranks.count { $0 == 0 }
      Remarks.say(
        "ranks from \(least) to \(most) by \(start.rankGround)"
          + (left == 0 ? "" : "; \(counted(left, "module")) of rank 0 left as the base has them"))
    }
    return result
  }

  /// The adapter of a saved state, with the ranks that statistics gave it then.
  func makeAdapter(
    for task: any RunTask, resuming adapter: Adapter, with settings: JSONObject
  ) throws -> Adapter {
    guard let saved = settings[Self.ranksKey]?.object else { return adapter }
    var ranks: [String: Int] = [:]
    for (path, rank) in saved.entries { ranks[path] = rank.integer }
    let keepsScale = try self.adapter.startOfData()?.keepsScale ?? true
    return try makeAdapter(for: task, isResumed: true) {
      try $0.share(ranks, among: adapter.sites, keepingScale: keepsScale)
    }
  }

  /// The ranks that statistics gave to modules; null where they stayed as they were.
  func sharedRanks(of adapter: Adapter) throws -> JSONValue {
    guard let start = try self.adapter.startOfData(), start.choosesRanks else { return .null }
    var ranks = JSONObject()
    for site in adapter.sites { ranks[site.path] = .integer(site.rank) }
    return .object(ranks)
  }

  /// The memory that statistics take beyond what the run takes anyway, and what is said of ranks in a plan.
  func planStatistics(_ plan: inout RunPlan, of adapter: Adapter) throws {
    guard let start = try self.adapter.startOfData() else { return }
    let bytes = StatisticsPass.memory(
      of: adapter.sites, for: start, budget: try self.plan.statisticsBudget)
    let memory = plan.memory
    // The optimizer's state, saves and caches come later.
    let room = memory.trained + memory.optimizer + memory.saving + memory.caches
    plan.memory.statistics = max(0, bytes - room)
    plan.memory.reading = max(0, memory.reading - plan.memory.statistics)
  }
}
