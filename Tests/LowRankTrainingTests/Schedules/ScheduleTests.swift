import LowRankCheckpoints
import LowRankTraining
import Testing

@Suite struct `A schedule` {
  @Test func `has the rates of transformers`() throws {
    let file = try fixture("schedules.json")
    let peak = try file.double("peak")
    let cases = try file.objects("schedules")
    var names: Set<String> = []
    for one in cases {
      let name = try one.string("name")
      names.insert(name)
      let power = try one.optionalDouble("power")
      let timescale = try one.optionalInteger("timescale")
      var schedule = try #require(Schedule.all.first { $0.name == name })
      if let power { schedule = .polynomial(power: power) }
      if let timescale { schedule = .inverseSquareRoot(timescale: timescale) }
      #expect(schedule.name == name)
      let (warmup, total) = (try one.integer("warmup"), try one.integer("total"))
      let floor = try one.optionalDouble("floor") ?? 0
      let rate = LearningRate(peak, schedule: schedule, warmup: .steps(warmup), floor: floor)
      let expected = try #require(try one.optionalDoubles("rates"))
      #expect(!expected.isEmpty)
      for (step, theirs) in expected.enumerated() {
        let ours = rate.rate(at: step, of: total)
        #expect(abs(ours - theirs) <= 1e-12 * theirs, "\(name) \(warmup) \(total) \(step)")
      }
    }
    #expect(names == Set(Schedule.all.map(\.name)))
    #expect(cases.count == 50)
  }

  @Test(arguments: Schedule.all.filter(\.fallsToZero))
  func `that falls to zero ends in its floor`(schedule: Schedule) {
    let rate = LearningRate(0.5, schedule: schedule, warmup: .steps(2), floor: 0.125)
    #expect(rate.rate(at: 0, of: 10) == 0)
    #expect(rate.rate(at: 2, of: 10) == 0.5)
    #expect(rate.rate(at: 10, of: 10) == 0.125)
    #expect((2..<10).allSatisfy { rate.rate(at: $0 + 1, of: 10) < rate.rate(at: $0, of: 10) })
    #expect(LearningRate(0.5, schedule: schedule).rate(at: 10, of: 10) == 0)
    #expect(LearningRate(0, schedule: schedule).rate(at: 3, of: 10) == 0)
  }

  @Test func `has as long a warm-up as transformers`() throws {
    for one in try fixture("schedules.json").objects("warmups") {
      let text = try one.string("text")
      let warmup = try #require(Warmup(text))
      #expect(try warmup.steps(of: one.integer("total")) == one.integer("steps"), "\(text)")
    }
  }

  @Test(arguments: ["", "-1", "1.5", "-0.1", "1.0", "nan", "ten"])
  func `has no warm-up that is neither steps nor a share`(text: String) {
    #expect(Warmup(text) == nil)
  }

  @Test func `scales the peak`() {
    let rate = LearningRate(0.5, schedule: .linear, warmup: .steps(2))
    #expect((0..<6).map { rate.rate(at: $0, of: 6) } == [0, 0.25, 0.5, 0.375, 0.25, 0.125])
  }
}
