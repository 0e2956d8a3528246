import Foundation
import LowRankHub
import LowRankTestHub
import Testing

@Suite struct `A push` {
  private static let weights = [UInt8](HubWorkshop.bytes(40_000, seed: 7))

  private static func push(
    _ text: String = "{}", to name: String = "me/adapter"
  ) throws -> HubPush {
    HubPush(
      [
        PushFile("README.md", Array("---\nlibrary_name: peft\n---\n# A\n".utf8)),
        PushFile("adapter_config.json", Array(text.utf8)),
        PushFile("adapter_model.safetensors", weights),
      ], to: try HubName(name), message: "Add it")
  }

  private static func run(
    _ settings: TestHub.Settings = TestHub.Settings(), writes: TestToken.Reach = .everything,
    _ body: (TestHub, HubSettings) async throws -> Void
  ) async throws {
    try await TestHub.run(settings) { hub in
      hub.add(TestToken("hf_me", user: "me", writes: writes))
      try await body(hub, try Self.settings(hub))
    }
  }

  private static func settings(_ hub: TestHub, token: String? = "hf_me") throws -> HubSettings {
    var settings = try HubSettings(
      environment: ["HF_ENDPOINT": hub.url, "HF_HOME": "/nowhere", "HF_TOKEN": token ?? ""])
    settings.firstDelay = 0.01
    return settings
  }

  @Test func `becomes one commit in a repository that it makes`() async throws {
    try await Self.run { hub, settings in
      let outcome = try await Self.push().run(settings)
      #expect(hub.titles("me/adapter") == ["Add it", "initial commit"])
      #expect(hub.file("me/adapter", "adapter_model.safetensors") == Data(Self.weights))
      #expect(hub.file("me/adapter", "adapter_config.json") == Data("{}".utf8))
      #expect(outcome.commit == hub.commit("me/adapter"))
      #expect(outcome.url == "\(hub.url)/me/adapter")
      #expect(outcome.revision == "main")
      #expect(
        outcome.files == ["README.md", "adapter_config.json", "adapter_model.safetensors"])
      #expect(outcome.bytesUploaded == 31 + 2 + 40_000)
    }
  }

  @Test func `keeps the token from the store of large files`() async throws {
    try await Self.run { hub, settings in
      _ = try await Self.push().run(settings)
      let stored = hub.log.filter { $0.method == "PUT" }
      #expect(stored.count == 1 && !stored.contains(where: \.hasAuthorization))
      #expect(stored.allSatisfy { $0.host.hasPrefix("localhost") })
      #expect(!hub.log.contains { $0.method == "POST" && !$0.hasAuthorization })
    }
  }

  @Test func `sends nothing that is there, and makes no empty commit`() async throws {
    try await Self.run { hub, settings in
      let first = try await Self.push().run(settings)
      hub.clearLog()
      let again = try await Self.push().run(settings)
      #expect(again.files.isEmpty && again.bytesUploaded == 0 && again.commit == first.commit)
      #expect(!hub.log.contains { $0.path.contains("/commit/") || $0.method == "PUT" })
      let changed = try await Self.push("{\"r\": 8}").run(settings)
      #expect(changed.files == ["adapter_config.json"] && changed.bytesUploaded == 8)
      #expect(changed.unchanged == ["README.md", "adapter_model.safetensors"])
      #expect(!hub.log.contains { $0.method == "PUT" })
    }
  }

  @Test func `keeps a file that is there, where its own gives way`() async throws {
    try await Self.run { hub, settings in
      hub.add("me/adapter", files: ["README.md": Data("theirs".utf8)])
      var push = try Self.push()
      push.files = push.files.filter { $0.path != "README.md" }
      push.files.append(PushFile("README.md", Array("written".utf8), givesWay: true))
      let outcome = try await push.run(settings)
      #expect(!outcome.files.contains("README.md") && !outcome.files.isEmpty)
      #expect(hub.file("me/adapter", "README.md") == Data("theirs".utf8))
    }
  }

  @Test func `refuses the repository of a model`() async throws {
    try await Self.run { hub, settings in
      hub.add("me/adapter", files: ["config.json": Data("{}".utf8)])
      await #expect(throws: PushError.model(id: "me/adapter")) {
        try await Self.push().run(settings)
      }
      #expect(hub.file("me/adapter", "adapter_config.json") == nil)
    }
  }

  @Test func `sends no large file that another repository has`() async throws {
    try await Self.run { hub, settings in
      _ = try await Self.push().run(settings)
      hub.clearLog()
      let other = try await Self.push(to: "me/other").run(settings)
      #expect(!hub.log.contains { $0.method == "PUT" })
      #expect(hub.file("me/other", "adapter_model.safetensors") == Data(Self.weights))
      #expect(other.bytesUploaded == 31 + 2)
    }
  }

  @Test func `that somebody overtakes commits nothing`() async throws {
    try await Self.run { hub, settings in
      hub.add("me/adapter", files: ["a": Data("1".utf8)])
      hub.fail(Fault(.moved, "/commit/", times: 1))
      await #expect(throws: PushError.moved(id: "me/adapter", revision: "main")) {
        try await Self.push().run(settings)
      }
      #expect(hub.titles("me/adapter") == ["Be first", "initial commit"])
      _ = try await Self.push().run(settings)
      #expect(hub.titles("me/adapter").first == "Add it")
    }
  }

  @Test(arguments: [
    Fault(.status, "/preupload/", status: 400), Fault(.status, "/info/lfs/", status: 500),
    Fault(.notJSON, "/info/lfs/"), Fault(.html, "/preupload/"),
    Fault(.status, "/_store/objects/", status: 403),
    Fault(.status, "/_store/objects/", status: 500),
    Fault(.status, "/_store/verify/", status: 404), Fault(.status, "/commit/", status: 413),
    Fault(.status, "/commit/", status: 503),
  ])
  func `that fails anywhere commits nothing and says so in one sentence`(fault: Fault)
    async throws
  {
    try await Self.run { hub, settings in
      hub.fail(fault)
      let error = await #expect(throws: (any Error).self) {
        try await Self.push().run(settings)
      }
      #expect(error is PushError || error is HubError, "\(String(describing: error))")
      let sentence = String(describing: error)
      #expect(!sentence.contains("hf_me") && !sentence.contains("\n"))
      #expect(hub.titles("me/adapter") == ["initial commit"])
    }
  }

  @Test(arguments: ["/preupload/", "/info/lfs/", "/_store/objects/", "/_store/verify/"])
  func `waits for a hub that is busy`(place: String) async throws {
    try await Self.run { hub, settings in
      hub.fail(Fault(.status, place, times: 2, status: 503))
      hub.fail(Fault(.status, place, times: 1, seconds: 0, status: 429))
      _ = try await Self.push().run(settings)
      #expect(hub.titles("me/adapter").first == "Add it")
    }
  }

  @Test func `needs a token that may write`() async throws {
    try await Self.run(writes: .namespaces(["mine"])) { hub, settings in
      hub.add("me/adapter", files: ["a": Data("1".utf8)])
      await #expect(throws: PushError.noToken(hub: hub.url)) {
        try await Self.push().run(try Self.settings(hub, token: nil))
      }
      #expect(hub.log.isEmpty)
      await #expect(throws: PushError.refusedToken(hub: hub.url)) {
        try await Self.push().run(try Self.settings(hub, token: "hf_wrong"))
      }
      for name in ["me/adapter", "me/new"] {
        let error = await #expect(throws: PushError.self) {
          try await Self.push(to: name).run(settings)
        }
        guard case .forbidden(name, _) = error else {
          Issue.record("\(String(describing: error))")
          continue
        }
      }
      #expect(hub.titles("me/adapter") == ["initial commit"])
      let mine = try await Self.push(to: "mine/adapter").run(settings)
      #expect(mine.id == "mine/adapter")
    }
  }

  @Test func `that there is no room for says what the hub says`() async throws {
    var limits = TestHub.Settings()
    limits.uploadLimit = 39_999
    try await Self.run(limits) { hub, settings in
      let error = await #expect(throws: PushError.self) {
        try await Self.push().run(settings)
      }
      #expect(error?.description.contains("adapter_model.safetensors") == true)
      #expect(error?.description.contains("39999 bytes that are left") == true)
      #expect(hub.titles("me/adapter") == ["initial commit"])
    }
  }

  @Test func `in parts is refused in a sentence`() async throws {
    var limits = TestHub.Settings()
    limits.partSize = 10_000
    try await Self.run(limits) { hub, settings in
      let error = await #expect(throws: PushError.self) {
        try await Self.push().run(settings)
      }
      #expect(error?.description.contains("parts") == true)
      #expect(hub.titles("me/adapter") == ["initial commit"])
    }
  }

  @Test func `is hidden where that is asked, and never thought to be`() async throws {
    try await Self.run { hub, settings in
      var push = try Self.push()
      push.isPrivate = true
      _ = try await push.run(settings)
      #expect(hub.isPrivate("me/adapter"))
      _ = try await push.run(settings)
      hub.restrict("me/adapter", isPrivate: false)
      await #expect(throws: PushError.alreadyPublic(id: "me/adapter")) {
        try await push.run(settings)
      }
    }
  }

  @Test func `proposes a change where it may not make it`() async throws {
    try await Self.run(writes: .nothing) { hub, settings in
      hub.add("you/adapter", files: ["README.md": Data("before".utf8)])
      var push = try Self.push(to: "you/adapter")
      push.opensPullRequest = true
      let outcome = try await push.run(settings)
      #expect(outcome.revision == "refs/pr/1")
      #expect(outcome.url == "\(hub.url)/you/adapter/discussions/1")
      #expect(hub.titles("you/adapter") == ["initial commit"])
      #expect(hub.titles("you/adapter", at: "refs/pr/1") == ["Add it", "initial commit"])
      #expect(hub.file("you/adapter", "README.md") == Data("before".utf8))
      #expect(
        hub.file("you/adapter", "adapter_model.safetensors", at: "refs/pr/1")
          == Data(Self.weights))
    }
  }

  @Test func `makes the branch, and finds the token's owner`() async throws {
    try await Self.run { hub, settings in
      let outcome = try await Self.push(to: "adapter@next").run(settings)
      #expect(outcome.id == "me/adapter" && outcome.revision == "next")
      #expect(outcome.url == "\(hub.url)/me/adapter/tree/next")
      #expect(hub.titles("me/adapter") == ["initial commit"])
      #expect(hub.titles("me/adapter", at: "next") == ["Add it", "initial commit"])
      hub.tag("me/adapter", "v1")
      await #expect(throws: (any Error).self) {
        try await Self.push("1", to: "me/adapter@v1").run(settings)
      }
      let commit = try #require(hub.commit("me/adapter"))
      await #expect(throws: PushError.noBranch(revision: commit)) {
        try await Self.push("1", to: "me/adapter@\(commit)").run(settings)
      }
    }
  }

  @Test func `follows a repository to its new name`() async throws {
    try await Self.run { hub, settings in
      hub.add("me/old", files: ["a": Data("1".utf8)])
      hub.rename("me/old", to: "me/new")
      let outcome = try await Self.push(to: "me/old").run(settings)
      #expect(outcome.id == "me/new")
      #expect(hub.titles("me/new").first == "Add it")
    }
  }

  @Test func `asks nobody where that is forbidden`() async throws {
    try await Self.run { hub, settings in
      let error = await #expect(throws: PushError.self) {
        var settings = settings
        settings.isOffline = true
        _ = try await Self.push().run(settings)
      }
      #expect(error == .offline)
      #expect(hub.log.isEmpty)
    }
  }
}
