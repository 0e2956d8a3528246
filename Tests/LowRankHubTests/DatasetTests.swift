import Foundation
import LowRankHub
import LowRankTestHub
import Testing

@Suite struct `A dataset` {
  private static let name = "owner/rows"

  /// A hub with a dataset of two splits, a card, and files that nobody needs.
  private func run(_ body: (HubWorkshop) async throws -> Void) async throws {
    try await HubWorkshop.run { shop in
      shop.hub.add(
        "datasets/\(Self.name)",
        files: [
          "README.md": Data("---\nlicense: mit\n---\n".utf8),
          "data/train-00000-of-00002.jsonl": Data("{\"text\": \"a\"}\n".utf8),
          "data/train-00001-of-00002.jsonl": HubWorkshop.bytes(60_000, seed: 8),
          "data/test-00000-of-00001.jsonl": Data("{\"text\": \"c\"}\n".utf8),
          "raw.bin": HubWorkshop.bytes(1000, seed: 9),
        ])
      try await body(shop)
    }
  }

  /// Fetches the files whose path holds a text; the choice is the number of all files.
  @discardableResult
  private func fetch(
    _ shop: HubWorkshop, _ text: String = "train", _ variables: [String: String] = [:],
    name: String = Self.name
  ) async throws -> (snapshot: HubSnapshot, choice: Int) {
    try await Hub(shop.settings(variables)).dataset(
      of: HubName(name, kind: .dataset),
      choosing: { paths, card in
        let head = card.flatMap { FileManager.default.contents(atPath: $0.path) } ?? Data()
        guard String(decoding: head, as: UTF8.self).contains("license: mit") else {
          throw CancellationError()
        }
        return DatasetFiles(paths.filter { $0.contains(text) }, paths.count)
      })
  }

  private let train = [
    "README.md", "data/train-00000-of-00002.jsonl", "data/train-00001-of-00002.jsonl",
  ]

  @Test func `lies in Python's cache with the card and only the files that are chosen`()
    async throws
  {
    try await run { shop in
      let (snapshot, count) = try await fetch(shop)
      let commit = try #require(shop.hub.commit("datasets/\(Self.name)"))
      #expect(snapshot.commit == commit && snapshot.files == train && count == 5)
      let cached = shop.home.appending(path: "hub/datasets--owner--rows")
      #expect(snapshot.folder.path == cached.appending(path: "snapshots/\(commit)").path)
      #expect(
        try String(contentsOf: cached.appending(path: "refs/main"), encoding: .utf8) == commit)
      for file in snapshot.files {
        let path = snapshot.folder.appending(path: file).path
        #expect(
          FileManager.default.contents(atPath: path)
            == shop.hub.file("datasets/\(Self.name)", file))
      }
      #expect(!shop.hub.log.contains { $0.path.hasSuffix("raw.bin") || $0.path.contains("test-") })
      #expect(shop.hub.log.contains { $0.path == "/api/datasets/owner/rows/revision/main" })
    }
  }

  @Test func `is asked for once where it may have changed, and not at all where it cannot`()
    async throws
  {
    try await run { shop in
      let commit = try await fetch(shop).snapshot.commit
      shop.hub.clearLog()
      #expect(try await fetch(shop).snapshot.bytesReceived == 0)
      #expect(shop.hub.log.count == 1)
      shop.hub.clearLog()
      #expect(try await fetch(shop, name: "\(Self.name)@\(commit)").choice == 5)
      #expect(try await fetch(shop, "train", ["HF_HUB_OFFLINE": "1"]).choice == 5)
      #expect(shop.hub.log.isEmpty)
      // The list that was kept tells what is missing.
      do {
        _ = try await fetch(shop, "test", ["HF_HUB_OFFLINE": "1"])
        Issue.record("files that are not here were found")
      } catch let error as HubError {
        #expect(error.kind == .offline)
        #expect(error.description.contains("without data/test-00000-of-00001.jsonl"))
      }
      #expect(try await fetch(shop, "test").snapshot.files.count == 4)
    }
  }

  @Test func `is used as it was fetched before where the hub cannot be reached`() async throws {
    try await run { shop in
      let commit = try await fetch(shop).snapshot.commit
      let gone = ["HF_ENDPOINT": "http://127.0.0.1:1"]
      let found = try await fetch(shop, "train", gone)
      #expect(found.snapshot.commit == commit && found.snapshot.files == train)
      await #expect(throws: HubError.self) { try await fetch(shop, "test", gone) }
    }
  }

  @Test func `that Python fetched is found without a list`() async throws {
    try await run { shop in
      try await fetch(shop)
      let cached = shop.home.appending(path: "hub/datasets--owner--rows")
      try FileManager.default.removeItem(at: cached.appending(path: ".lowrank"))
      #expect(try await fetch(shop, "train", ["HF_HUB_OFFLINE": "1"]).choice == 3)
    }
  }

  @Test func `that does not exist is reported as one`() async throws {
    try await run { shop in
      do {
        _ = try await fetch(shop, name: "owner/none")
        Issue.record("a dataset that is not there was found")
      } catch let error as HubError {
        #expect(error.description.contains("has no dataset owner/none"))
      }
      shop.hub.add(TestToken("hf_x"))
      shop.hub.restrict("datasets/\(Self.name)", isGated: true)
      do {
        _ = try await fetch(shop)
        Issue.record("a gated dataset was read")
      } catch let error as HubError {
        #expect(error.kind == .gated)
        #expect(error.description.contains("/datasets/owner/rows"))
      }
      #expect(try await fetch(shop, "train", ["HF_TOKEN": "hf_x"]).choice == 5)
    }
  }
}
