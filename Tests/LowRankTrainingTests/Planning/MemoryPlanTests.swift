import LowRankTraining
import Testing

@Suite struct `A plan of memory` {
  @Test func `says once that more is held than was planned`() {
    var watch = MemoryWatch(planned: 100_000_000, limit: 120_000_000)
    #expect(watch.sentence { 119_000_000 } == nil)
    #expect(
      watch.sentence { 121_500_000 }
        == "warning: the run held 121.5 MB of memory, more than memory_limit 120.0 MB allows")
    #expect(watch.sentence { 150_000_000 } == nil)
    var free = MemoryWatch(planned: 100_000_000, limit: nil)
    #expect(free.sentence { 109_000_000 } == nil)
    #expect(free.sentence { 111_000_000 }?.contains("more than the 100.0 MB") == true)
    var none = MemoryWatch()
    #expect(none.sentence { .max } == nil)
  }

  @Test func `asks what is held now and then, and after an evaluation`() {
    var watch = MemoryWatch(planned: 1, limit: 2)
    var asked = 0
    for _ in 0..<64 {
      _ = watch.sentence {
        asked += 1
        return 0
      }
    }
    #expect((4...8).contains(asked))
    watch.isDue = true
    #expect(watch.sentence { 3 } != nil)
  }

  @Test func `tells what a limit leaves room for, at every fourth step after the first ones`() {
    var watch = MemoryWatch(planned: 100_000_000, limit: 120_000_000)
    // Halfway between the limit and the limit without 2 % and 4 MB.
    #expect(watch.roomIfDue == 116_800_000)
    for _ in 0..<5 { _ = watch.sentence { 0 } }
    #expect(watch.roomIfDue == nil)
    for _ in 0..<3 { _ = watch.sentence { 0 } }
    #expect(watch.roomIfDue == 116_800_000)
    #expect(MemoryWatch().roomIfDue == nil)
    #expect(MemoryWatch(planned: 1, limit: nil).roomIfDue == nil)
  }

  @Test func `says which limit it keeps to, with the margin of a limit`() {
    var memory = MemoryPlan()
    memory.weights = 190_000_000
    let plan = RunPlan(memory: memory, tokensPerStep: 1, secondsPerStep: 1)
    #expect(plan.leastLimit == 199_000_000)
    // Reading the model took more for a moment, for which no margin is needed.
    memory.reading = 60_000_000
    #expect(RunPlan(memory: memory, tokensPerStep: 1, secondsPerStep: 1).leastLimit == 252_000_000)
  }

  @Test func `that has no room names the largest part and the least limit`() {
    var plan = MemoryPlan()
    plan.weights = 500_000_000
    plan.activations = 100_000_000
    let error = PlanError.tooLittle(
      limit: 300_900_000, least: 651_000_000, plan: plan, recomputes: false)
    #expect(
      error.description
        == "a memory limit of 300 MB is too small: with one row at a time, the run takes up to 600 MB, 500 MB of it for "
        + "the base's weights; give memory_limit 651MB or more, which leaves a margin of 2 % and 4 MB"
    )
    plan.activations = 700_000_000
    let rows = PlanError.tooLittle(
      limit: 1_000_000, least: 2_000_000, plan: plan, recomputes: false)
    #expect(
      rows.description.hasSuffix(
        "recompute blocks (grad_checkpointing), or cut rows (max_seq_length)"))
  }
}
