import LowRankCheckpoints
import LowRankTraining
import Testing

@Suite struct `A schedule` {
  @Test func `has the factors of transformers`() throws {
    let cases = try fixture("schedules.json").objects("schedules")
    for one in cases {
      let name = try one.string("name")
      let schedule = try #require(Schedule.all.first { $0.name == name })
      let (warmup, total) = (try one.integer("warmup"), try one.integer("total"))
      let expected = try #require(try one.optionalDoubles("factors"))
      let factors = expected.indices.map { schedule.factor(at: $0, warmup: warmup, total: total) }
      #expect(factors == expected, "\(name) \(warmup) \(total)")
    }
    #expect(cases.count == 5 * Schedule.all.count)
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
