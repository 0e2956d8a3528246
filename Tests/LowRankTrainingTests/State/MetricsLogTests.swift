import LowRankCheckpoints
import LowRankTraining
import Testing

@Suite struct `A log of metrics` {
  private let lines: [JSONObject] = [
    ["step": 1, "loss": 2.5], ["step": 2, "loss": .double(.nan), "name": "a \"line\"\nof two"], [:],
  ]

  @Test func `hands out the lines that it was given`() {
    var log = MetricsLog()
    #expect(log.isEmpty)
    for line in lines { log.append(line) }
    #expect(!log.isEmpty)
    #expect(Array(log) == lines)
    #expect(Array(MetricsLog(lines)) == lines)
  }

  @Test func `takes about the bytes of its text`() {
    var log = MetricsLog()
    for step in 1...1000 { log.append(["step": .integer(step), "loss": 1.25]) }
    #expect(log.bytes.count < 30_000)
    #expect(log.map { $0["step"]?.integer } == Array(1...1000))
  }
}
