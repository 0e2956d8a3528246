import Foundation
import LowRankRuns
import Testing

/// What leaves the store.
@Suite struct `A run's points` {
  private let folder = TemporaryFolder()

  private func points(_ steps: [[String: Double]]) throws -> [MetricPoint] {
    let store = try RunStore(at: folder.store)
    let run = try store.begin(.example())
    for (index, values) in steps.enumerated() {
      try store.record(values, step: index + 1, of: run)
    }
    return try store.points(of: run)
  }

  @Test func `are lines of step, name and value`() throws {
    let points = try points([["loss": 0.1, "a,\"b\"\n": 2], ["loss": .nan], ["loss": -.infinity]])
    #expect(
      points.csv()
        == "step,name,value\r\n1,\"a,\"\"b\"\"\n\",2.0\r\n1,loss,0.1\r\n2,loss,nan\r\n3,loss,-inf\r\n"
    )
  }

  @Test func `are a line per step, with a column per metric`() throws {
    let points = try points([["loss": 1], ["loss": 2, "valid_loss": 3], ["learning_rate": 1e-5]])
    #expect(
      points.csv(.wide)
        == "step,learning_rate,loss,valid_loss\r\n1,,1.0,\r\n2,,2.0,3.0\r\n3,1e-05,,\r\n")
  }

  @Test func `are a header where there are none`() {
    #expect([MetricPoint]().csv() == "step,name,value\r\n")
    #expect([MetricPoint]().csv(.wide) == "step\r\n")
  }

  @Test func `have a least, a greatest and a last`() throws {
    let points = try points([["loss": 2], ["loss": 1], ["loss": 3], ["loss": .nan]])
    let summary = try #require(MetricSummary(of: points))
    #expect(summary.least?.step == 2 && summary.greatest?.step == 3 && summary.last.step == 4)
    #expect(MetricSummary(of: []) == nil)
    #expect(MetricSummary(of: points.suffix(1))?.least == nil)
  }

  @Test func `are TensorBoard's events, each once`() throws {
    let store = try RunStore(at: folder.store)
    let run = try store.begin(.example())
    for step in 1...3 { try store.record(["loss": 1, "valid_loss": 2], step: step, of: run) }
    let bytes = try Data(contentsOf: store.writeEvents(of: run, in: folder.url))
    func count(_ text: String) -> Int {
      String(decoding: bytes, as: UTF8.self).ranges(of: text).count
    }
    #expect(count("valid_loss") == 3)
    #expect(count("loss") == 6)
    #expect(count(#"{"rank":8}"#) == 1)
    #expect(throws: RunStoreError.self) { try store.writeEvents(of: 9, in: folder.url) }
  }
}
