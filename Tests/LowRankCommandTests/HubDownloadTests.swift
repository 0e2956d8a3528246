import Foundation
import LowRank
import LowRankTestHub
import Testing

@Suite struct `A download by the program` {
  private static let name = "owner/large"
  private static let kills = 20

  /// Bytes that look like nothing.
  private static func bytes(_ count: Int) -> Data {
    var random = Philox(key: 11)
    return Data((0..<count).map { _ in UInt8(random.integer(below: 256)) })
  }

  /// Runs a test with a large file on the hub.
  private func run(
    _ count: Int, _ body: (HubBeside, _ partial: URL, Data) async throws -> Void
  ) async throws {
    try await HubBeside.run { shop in
      let weights = Self.bytes(count)
      shop.hub.add(
        Self.name, files: ["config.json": Data("{}".utf8), "model.safetensors": weights])
      let blobs = shop.home.appending(path: "hub/models--owner--large/blobs")
      try await body(shop, blobs, weights)
    }
  }

  /// What is there of the large file.
  private static func partial(_ blobs: URL) -> Int {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: blobs.path)) ?? []
    let sizes = names.filter { $0.hasSuffix(".incomplete") && $0.utf8.count > 64 }.compactMap {
      try? FileManager.default.attributesOfItem(atPath: blobs.appending(path: $0).path)[.size]
        as? Int
    }
    return sizes.first ?? 0
  }

  @Test func `that is killed at 20 random moments is finished with the missing bytes alone`()
    async throws
  {
    try await run(24_000_000) { shop, blobs, weights in
      shop.hub.fail(Fault(.drip, "_store", amount: 65_536, seconds: 0.01))
      var random = SystemRandomNumberGenerator()
      var furthest = 0
      // A transfer whose client is gone is written down when the hub notices, perhaps beside the next one.
      var starts: Set<String?> = []
      for _ in 0..<Self.kills {
        shop.hub.clearLog()
        let before = Self.partial(blobs)
        #expect(before >= furthest)
        furthest = before
        let moment = UInt32.random(in: 10_000...250_000, using: &random)
        let answer = try await shop.killing(
          ["pull", Self.name], with: SIGKILL
        ) { usleep(moment) }
        #expect(answer.status == SIGKILL, "\(answer.errors)")
        starts.insert(before > 0 ? "bytes=\(before)-" : nil)
        for transfer in shop.transfers { #expect(starts.contains(transfer.range)) }
      }
      shop.hub.recover()
      shop.hub.clearLog()
      let before = Self.partial(blobs)
      let answer = try await shop.lowrank(["pull", Self.name, "--json"])
      #expect(answer.status == 0, "\(answer.errors)")
      let last = shop.transfers.filter { $0.range == "bytes=\(before)-" }.map(\.bytesSent)
      #expect(last.contains(weights.count - before))
      let json = try answer.json()
      let folder = try #require(json["folder"]?.string)
      #expect(FileManager.default.contents(atPath: folder + "/model.safetensors") == weights)
      #expect(try #require(json["bytes_downloaded"]?.integer) - weights.count + before <= 2)
      #expect(Self.partial(blobs) == 0)
    }
  }

  @Test func `that is interrupted ends with 130 and keeps what came`() async throws {
    try await run(1_000_000) { shop, blobs, weights in
      shop.hub.fail(Fault(.stall, "_store", times: 1, amount: 500_000, seconds: 600))
      let answer = try await shop.killing(["pull", Self.name], with: SIGINT) {
        while Self.partial(blobs) < 400_000 { usleep(10_000) }
      }
      #expect(answer.status == 130, "\(answer.errors)")
      #expect(
        answer.errors.contains("the received part of owner/large is kept"), "\(answer.errors)")
      let kept = Self.partial(blobs)
      #expect(kept > 0)
      shop.hub.clearLog()
      let again = try await shop.lowrank(["pull", Self.name])
      #expect(again.status == 0, "\(again.errors)")
      #expect(shop.transfers.map(\.range) == ["bytes=\(kept)-"])
    }
  }

  @Test func `by two processes at once happens once`() async throws {
    try await run(1_000_000) { shop, _, _ in
      shop.hub.fail(Fault(.drip, "_store", amount: 50_000, seconds: 0.05))
      let environment = shop.environment
      async let first = HubBeside.lowrank(["pull", Self.name], environment)
      async let second = HubBeside.lowrank(["pull", Self.name], environment)
      let answers = try await [first, second]
      #expect(answers.allSatisfy { $0.status == 0 }, "\(answers.map(\.errors))")
      #expect(answers[0].output == answers[1].output && shop.transfers.count == 1)
    }
  }

  @Test func `that finds a byte turned over, or the disk full, says so and leaves no weights`()
    async throws
  {
    try await run(1_000_000) { shop, _, _ in
      let full = try await shop.lowrank(["pull", Self.name], shell: "ulimit -f 512")
      #expect(full.status == 1 && full.errors.contains("make room"), "\(full.errors)")
      shop.hub.fail(Fault(.flip, "_store"))
      let flipped = try await shop.lowrank(["pull", Self.name])
      #expect(
        flipped.status == 1 && flipped.errors.contains("does not have the hash"),
        "\(flipped.errors)")
      let offline = try await shop.lowrank(["pull", Self.name], ["HF_HUB_OFFLINE": "1"])
      #expect(
        offline.status == 1 && offline.errors.contains("is not in"),
        "\(offline.errors)")
    }
  }
}
