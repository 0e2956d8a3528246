import Foundation
import LowRankRuns
import Testing

/// Event files against what TensorBoard's own messages and record writer make of the same events.
@Suite struct `An event file` {
  private let folder = TemporaryFolder()
  private let date = Date(timeIntervalSince1970: 1_700_000_000.25)

  @Test func `is byte for byte what TensorBoard writes`() throws {
    let file = try EventFile(in: folder.url, date: date, resuming: 7)
    file.scalar("loss", 2.5, step: 8, date: date)
    file.scalar("loss", .infinity, step: 9, date: date)
    file.histogram(
      "singular_values/model.layers.0.self_attn.q_proj", [0, 0.5, .nan, 0.5, 3.75, 15], step: 9,
      date: date)
    file.text("configuration", "größer", step: 0, date: date)
    try file.close()
    let golden = try #require(
      Bundle.module.url(forResource: "Fixtures/events", withExtension: "tfevents"))
    #expect(try Data(contentsOf: file.url) == Data(contentsOf: golden))
  }

  @Test func `has the name that TensorBoard looks for, and never that of another`() throws {
    let first = try EventFile(in: folder.url, date: date)
    let second = try EventFile(in: folder.url, date: date)
    let name = first.url.lastPathComponent
    #expect(name.hasPrefix("events.out.tfevents.1700000000."))
    #expect(name.hasSuffix(".\(ProcessInfo.processInfo.processIdentifier).0"))
    #expect(second.url.pathExtension == "1")
  }

  @Test func `holds nothing of what waits, and all after a flush`() throws {
    let file = try EventFile(in: folder.url)
    let empty = try Data(contentsOf: file.url).count
    file.scalar("loss", 1, step: 1)
    #expect(try Data(contentsOf: file.url).count == empty)
    try file.flush()
    #expect(try Data(contentsOf: file.url).count > empty)
  }

  @Test(arguments: [
    ([Double](), 0), ([.nan, .infinity], 0), ([2, 2, 2], 1), ([-1e308, 1e308], 30),
    ([0, .leastNonzeroMagnitude], 1), ([1, 1.0.nextUp], 1),
  ])
  func `shares out any values`(_ values: [Double], buckets: Int) throws {
    let file = try EventFile(in: folder.url)
    let empty = try Data(contentsOf: file.url).count
    file.histogram("singular_values/a", values, step: 1)
    try file.close()
    // Eight bytes for the limit of each bucket, eight for its count.
    let grown = try Data(contentsOf: file.url).count - empty
    #expect(grown / 16 >= buckets && (buckets == 0) == (grown == 0))
  }

  @Test func `that cannot be made names itself`() {
    let error = #expect(throws: EventFileError.self) {
      try EventFile(in: URL(filePath: "/proc/lowrank"))
    }
    #expect(
      error?.description.hasPrefix("cannot write TensorBoard's events to /proc/lowrank/") == true)
  }
}
