import Foundation
import LowRankHub
import LowRankTestHub
import LowRankTestNetwork
import Synchronization
import Testing

@Suite struct `A hub that keeps silent` {
  /// A port where connections are taken and nothing is said.
  private static func run(_ body: (HubWorkshop, _ port: Int) async throws -> Void) async throws {
    let silent = try LoopbackListener { client in
      while !client.read().isEmpty {}
    }
    try await silent.serving { port in
      try await HubWorkshop.run { shop in try await body(shop, port) }
    }
  }

  @Test(arguments: [("http", "nothing came for 1 s"), ("https", "no connection within 1 s")])
  func `is given up after HF_HUB_ETAG_TIMEOUT`(scheme: String, sentence: String) async throws {
    try await Self.run { shop, port in
      var settings = try shop.settings([
        "HF_ENDPOINT": "\(scheme)://127.0.0.1:\(port)", "HF_HUB_ETAG_TIMEOUT": "1",
      ])
      settings.attempts = 1
      let start = ContinuousClock.now
      let name = try HubName(HubWorkshop.name)
      let error = await #expect(throws: HubError.self) {
        try await Hub(settings).snapshot(of: name, .model)
      }
      let said = error?.description ?? ""
      #expect(said.contains(sentence) && said.contains("raise HF_HUB_ETAG_TIMEOUT"), "\(said)")
      #expect(ContinuousClock.now - start >= .seconds(1))
    }
  }

  @Test(arguments: ["http", "https"])
  func `is left at once by a task that is cancelled`(scheme: String) async throws {
    try await Self.run { shop, port in
      let settings = try shop.settings([
        "HF_ENDPOINT": "\(scheme)://127.0.0.1:\(port)", "HF_HUB_ETAG_TIMEOUT": "600",
      ])
      let name = try HubName(HubWorkshop.name)
      let task = Task { try await Hub(settings).snapshot(of: name, .model) }
      try await Task.sleep(for: .milliseconds(300))
      let start = ContinuousClock.now
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      // Where nothing wakes it, it waits for a minute.
      #expect(ContinuousClock.now - start < .seconds(10))
    }
  }

  @Test func `in the middle of a file is left at once too, and what came is kept`() async throws {
    try await HubWorkshop.run { shop in
      shop.hub.fail(Fault(.stall, "_store", amount: 1000, seconds: 600))
      let task = Task { try await shop.pull() }
      let partial = try shop.partial
      while FileManager.default.contents(atPath: partial.path)?.count != 1000 {
        try await Task.sleep(for: .milliseconds(20))
      }
      let start = ContinuousClock.now
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      // Where nothing wakes it, it waits for a minute.
      #expect(ContinuousClock.now - start < .seconds(10))
      #expect(try Data(contentsOf: partial) == shop.weights.prefix(1000))
    }
  }
}

@Suite struct `A download on its way` {
  @Test func `is not received faster than it is written`() async throws {
    try await HubWorkshop.run { shop in
      let count = 100_000_000
      shop.hub.add(
        "owner/large",
        files: ["config.json": Data("{}".utf8), "model.safetensors": Data(count: count)])
      let relay = try Relay(to: shop.hub.port)
      defer { relay.stop() }
      let address = "http://127.0.0.1:\(relay.port)"
      shop.hub.isReached(at: address)
      let passed = Passed()
      try await shop.pull("owner/large", .model, ["HF_ENDPOINT": address]) { event in
        guard case .progress(let progress) = event, progress.bytesReceived > 1_000_000 else {
          return
        }
        // The reader takes its time, once.
        passed.note {
          usleep(700_000)
          return relay.bytes - progress.bytesReceived
        }
      }
      // What the system's own buffers hold is on its way too.
      let ahead = try #require(passed.bytes)
      #expect(ahead < count / 2, "\(ahead)")
    }
  }

  @Test(.enabled(if: LoopbackListener.hasIPv6)) func `comes over IPv6 too`() async throws {
    try await HubWorkshop.run { shop in
      let relay = try Relay(to: shop.hub.port, isIPv6: true)
      defer { relay.stop() }
      let address = "http://[::1]:\(relay.port)"
      shop.hub.isReached(at: address)
      shop.hub.add(TestToken("hf_secret"))
      shop.hub.restrict(HubWorkshop.name, isPrivate: true)
      let snapshot = try await shop.pull(
        HubWorkshop.name, .model, ["HF_ENDPOINT": address, "HF_TOKEN": "hf_secret"])
      #expect(snapshot.files.contains("model.safetensors") && relay.bytes > shop.weights.count)
      #expect(shop.hub.log.allSatisfy { $0.hasAuthorization && $0.host.hasPrefix("[::1]:") })
    }
  }

  @Test func `uses its connections again`() async throws {
    try await HubWorkshop.run { shop in
      let relay = try Relay(to: shop.hub.port)
      defer { relay.stop() }
      shop.hub.isReached(at: "http://127.0.0.1:\(relay.port)")
      try await shop.pull(
        HubWorkshop.name, .model, ["HF_ENDPOINT": "http://127.0.0.1:\(relay.port)"])
      // The list, two small files at once, and a large one with a redirect.
      #expect(shop.hub.log.count == 5 && relay.connections <= 2, "\(relay.connections)")
    }
  }
}

/// A number that is found once.
private final class Passed: Sendable {
  private let kept = Mutex<Int?>(nil)

  var bytes: Int? { kept.withLock { $0 } }

  func note(_ find: () -> Int) {
    guard bytes == nil else { return }
    let found = find()
    kept.withLock { $0 = found }
  }
}
