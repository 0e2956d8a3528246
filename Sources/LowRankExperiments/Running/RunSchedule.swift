import LowRank
import LowRankSessions

/// Which runs there are, as far as that is known before rates are chosen.
struct RunSchedule {
  private let plan: ExperimentPlan
  private let variants: [ResolvedVariant]

  init(_ plan: ExperimentPlan, _ variants: [ResolvedVariant]) {
    (self.plan, self.variants) = (plan, variants)
  }

  /// The trials of a variant's rates.
  func trials(of variant: ResolvedVariant) -> [(rates: Int, steps: Int)] {
    plan.halving?.trials(rates: plan.rates.count, steps: variant.steps) ?? []
  }

  /// How many rates of a variant are trained in full.
  private func fullRates(of variant: ResolvedVariant) -> Int {
    guard let factor = plan.halving?.factor, let last = trials(of: variant).last else {
      return plan.rates.count
    }
    return (last.rates + factor - 1) / factor
  }

  /// The rates that go on after a trial: the better ones, in the order of the plan; none that diverged.
  func survivors(_ tried: [RunRecord]) -> [Double] {
    let good = tried.filter { $0.failure == nil && $0.valid(plan.metric).isFinite }
    let kept = (tried.count + (plan.halving?.factor ?? 1) - 1) / (plan.halving?.factor ?? 1)
    let best = good.sorted {
      plan.metric.isBetter($0.valid(plan.metric), than: $1.valid(plan.metric))
    }
    return best.prefix(kept).map(\.rate).sorted()
  }

  /// The number of runs, trials among them.
  var count: Int {
    variants.reduce(0) { sum, variant in
      sum + trials(of: variant).reduce(0) { $0 + $1.rates }
        + fullRates(of: variant) * plan.seeds.count
    }
  }

  /// The steps of all runs but those that are finished.
  func steps(finished names: Set<String>) -> Int {
    variants.reduce(0) { sum, variant in
      var runs = trials(of: variant).flatMap { trial in
        plan.rates.map { PlannedRun(variant, rate: $0, seed: plan.seeds[0], trying: trial.steps) }
          .prefix(trial.rates)
      }
      for rate in plan.rates.prefix(fullRates(of: variant)) {
        runs += plan.seeds.map { PlannedRun(variant, rate: rate, seed: $0) }
      }
      return sum + runs.filter { !names.contains($0.name) }.reduce(0) { $0 + $1.steps }
    }
  }

  /// Every run, as if all rates went on: what a dry run lists.
  var runs: [PlannedRun] {
    variants.flatMap { variant in
      trials(of: variant).flatMap { trial in
        plan.rates.prefix(trial.rates).map {
          PlannedRun(variant, rate: $0, seed: plan.seeds[0], trying: trial.steps)
        }
      }
        + plan.rates.prefix(fullRates(of: variant)).flatMap { rate in
          plan.seeds.map { PlannedRun(variant, rate: rate, seed: $0) }
        }
    }
  }
}
