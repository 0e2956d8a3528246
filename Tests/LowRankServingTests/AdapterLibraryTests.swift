import Foundation
import LowRank
import LowRankServing
import Synchronization
import Testing

@Suite struct `The adapters that are served` {
  @Test func `are loaded when they are asked for, and once`() async throws {
    let fixture = try ServedFixture()
    #expect(fixture.library.counts.loaded == 0)
    let names = (0..<20).map { "\($0 % 4)" }
    let versions = try await withThrowingTaskGroup(of: (String, String).self) { group in
      for name in names {
        group.addTask { (name, try await fixture.library.lease(name).version.content) }
      }
      return try await group.reduce(into: [String: Set<String>]()) { found, pair in
        found[pair.0, default: []].insert(pair.1)
      }
    }
    #expect(versions.count == 4 && versions.values.allSatisfy { $0.count == 1 })
    #expect(fixture.library.counts.loads == 4)
  }

  @Test func `make room, the longest unused first, and keep what is in use`() async throws {
    let all = try ServedFixture()
    var sizes: [Int] = []
    for name in ["0", "1", "2", "3"] {
      sizes.append(try await all.library.lease(name).version.byteCount)
    }
    // Room for the two largest.
    let budget = sizes.sorted().suffix(2).reduce(0, +)
    let fixture = try ServedFixture(budget: budget)
    let retired = Mutex<[String]>([])
    fixture.library.onRetirement { version in retired.withLock { $0.append(version.name) } }
    let held = try await fixture.library.lease("0")
    _ = try await fixture.library.lease("1")
    _ = try await fixture.library.lease("3")
    #expect(retired.withLock { $0 } == ["1"])
    _ = try await fixture.library.lease("1")
    #expect(retired.withLock { $0 } == ["1", "3"])
    #expect(fixture.library.counts.bytes <= budget && fixture.library.counts.evictions == 2)
    #expect(held.version.name == "0")
  }

  @Test func `make room by the one whose last use is longest ago, of several that nobody uses`()
    async throws
  {
    let same: [(Target, AdapterUpdate)] = [
      (.queryValue, .lora(rank: 2)), (.queryValue, .lora(rank: 2)), (.queryValue, .lora(rank: 2)),
    ]
    let all = try ServedFixture(same)
    let fixture = try ServedFixture(
      same, budget: 2 * (try await all.library.lease("0").version.byteCount))
    let retired = Mutex<[String]>([])
    fixture.library.onRetirement { version in retired.withLock { $0.append(version.name) } }
    // The first is used again before the third comes.
    for name in ["0", "1", "0", "2"] { _ = try await fixture.library.lease(name) }
    #expect(retired.withLock { $0 } == ["1"])
    _ = try await fixture.library.lease("1")
    #expect(retired.withLock { $0 } == ["1", "0"])
  }

  @Test func `wait for room, which comes when a request ends`() async throws {
    let all = try ServedFixture()
    let fixture = try ServedFixture(
      budget: try await all.library.lease("1").version.byteCount)
    var held: AdapterLease? = try await fixture.library.lease("1")
    async let other = fixture.library.lease("0")
    try await Task.sleep(for: .milliseconds(100))
    #expect(held?.version.name == "1" && fixture.library.counts.loaded == 1)
    held = nil
    #expect(try await other.version.name == "0")
  }

  @Test func `are refused with a sentence that names no path`() async throws {
    let fixture = try ServedFixture()
    for name in ["missing", "../0", ".hidden", "0/..", ""] {
      await #expect(throws: ServingError.unknownAdapter(name)) {
        _ = try await fixture.library.lease(name)
      }
    }
    let weights = fixture.folder.appending(path: "2/adapter_model.safetensors")
    try Data(repeating: 7, count: 4000).write(to: weights)
    do {
      _ = try await fixture.library.lease("2")
      Issue.record("garbage was loaded")
    } catch ServingError.brokenAdapter(let name, let reason) {
      #expect(name == "2" && !reason.contains("/") && !reason.isEmpty)
    }
    // The others go on.
    #expect(try await fixture.library.lease("1").version.name == "1")
  }

  @Test func `stay as they are where a reload fails`() async throws {
    let fixture = try ServedFixture()
    let content = try await fixture.library.lease("1").version.content
    let place = fixture.folder.appending(path: "1")
    try Data("{}".utf8).write(to: place.appending(path: "adapter_config.json"))
    await #expect(throws: ServingError.self) {
      try await fixture.library.load("1", at: place, replacing: true)
    }
    #expect(try await fixture.library.lease("1").version.content == content)
    try fixture.library.unload("1")
    await #expect(throws: ServingError.self) { _ = try await fixture.library.lease("1") }
  }

  @Test func `are not forgotten by a name that nobody had`() async throws {
    let fixture = try ServedFixture()
    // Not listed yet, and unloaded first of all.
    try fixture.library.unload("2")
    #expect(!fixture.library.contains("2") && fixture.library.list().count == 3)
    #expect(throws: ServingError.unknownAdapter("later")) { try fixture.library.unload("later") }
    try FileManager.default.copyItem(
      at: fixture.folder.appending(path: "1"), to: fixture.folder.appending(path: "later"))
    #expect(try await fixture.library.lease("later").version.name == "later")
  }

  @Test func `have names byte by byte, with spaces, and never the base's`() async throws {
    let fixture = try ServedFixture()
    var rules = AdapterLibrary.Rules(budget: 1 << 30, folder: fixture.folder)
    rules.baseName = "base"
    let library = AdapterLibrary(ServedBases(fixture.model), rules)
    defer { library.stop() }
    let (composed, decomposed) = ("n\u{e9}", "ne\u{301}")
    for (number, name) in [composed, decomposed, "my adapter", "base"].enumerated() {
      try FileManager.default.copyItem(
        at: fixture.folder.appending(path: "\(number)"), to: fixture.folder.appending(path: name))
    }
    let names = library.list().map(\.name)
    #expect(names.count == 7 && names.contains("my adapter") && !names.contains("base"))
    #expect(!library.contains("base"))
    #expect(
      try await library.lease(composed).version.content
        == fixture.library.lease("0").version.content)
    #expect(
      try await library.lease(decomposed).version.content
        == fixture.library.lease("1").version.content)
  }

  @Test func `leave the list with their folder, unless they are loaded`() async throws {
    let fixture = try ServedFixture()
    let lease = try await fixture.library.lease("1")
    #expect(fixture.library.list().count == 4)
    for name in ["1", "3"] {
      try FileManager.default.removeItem(at: fixture.folder.appending(path: name))
    }
    #expect(fixture.library.list().map(\.name).sorted() == ["0", "1", "2"])
    #expect(!fixture.library.contains("3") && fixture.library.contains("1"))
    #expect(lease.version.name == "1")
  }

  @Test func `of one request do not wait for each other`() async throws {
    let all = try ServedFixture()
    let sizes = [
      try await all.library.lease("0").version.byteCount,
      try await all.library.lease("1").version.byteCount,
    ]
    let fixture = try ServedFixture(budget: sizes[0] + sizes[1] - 1)
    let first = try await fixture.library.lease("0")
    await #expect(throws: ServingError.mixtureTooLarge) {
      _ = try await fixture.library.lease("1", beside: [first])
    }
  }
}
