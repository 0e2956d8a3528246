import Foundation
import LowRank
import LowRankServing
import LowRankSocketTesting
import Testing

@Suite struct `Keys of the server` {
  // The hashes of "ann-key", "bob-key" and "root-key".
  private static let file = """
    {"keys": [
      {"name": "ann", "sha256": "\(hash("ann-key"))", "adapters": ["on*"], "base": false},
      {"name": "bob", "sha256": "\(hash("bob-key"))", "adapters": ["two"], "tokens_per_minute": 20},
      {"name": "root", "sha256": "\(hash("root-key"))", "admin": true}
    ]}
    """

  private static func hash(_ key: String) -> String { SHA256Text.of(key) }

  private func complete(
    _ server: RunningServer, _ model: String, _ key: String?
  ) async throws -> Int {
    try await server.post(
      "/v1/completions", ["model": .string(model), "prompt": "a", "max_tokens": 2], key: key
    ).status
  }

  @Test func `are asked for, and know only their adapters`() async throws {
    let server = try await RunningServer(keys: Self.file)
    #expect(try await complete(server, "one", nil) == 401)
    #expect(try await complete(server, "one", "wrong") == 401)
    #expect(try await complete(server, "one", "ann-key") == 200)
    #expect(try await complete(server, "two", "ann-key") == 404)
    #expect(try await complete(server, "base", "ann-key") == 404)
    #expect(try await complete(server, "two", "bob-key") == 200)
    #expect(try await complete(server, "one", "bob-key") == 404)
    #expect(try await complete(server, "base", "bob-key") == 200)
    #expect(try await complete(server, "one", "root-key") == 200)
    // What another key has is refused exactly as what nobody has.
    let hidden = try await server.post(
      "/v1/completions", ["model": "two", "prompt": "a"], key: "ann-key")
    let missing = try await server.post(
      "/v1/completions", ["model": "tw0", "prompt": "a"], key: "ann-key")
    #expect(hidden.body.replacing("two", with: "tw0") == missing.body)
    func names(_ key: String) async throws -> [String?] {
      try await server.ask("GET", "/v1/models", key: key).object()["data"]?.array?.map {
        $0.object?["id"]?.string
      } ?? []
    }
    #expect(try await names("ann-key") == ["one"])
    #expect(try await names("bob-key") == ["base", "two"])
    #expect(try await names("root-key") == ["base", "one", "two"])
    #expect(try await server.ask("GET", "/v1/models/two", key: "ann-key").status == 404)
    let numbered = try await server.ask("GET", "/lora-adapters", key: "ann-key").body
    #expect(numbered.contains("one") && !numbered.contains("two"))
    #expect(
      try await server.post(
        "/v1/completions", ["prompt": "a", "lora": [["id": 1, "scale": 1.0]]], key: "ann-key"
      ).status == 400)
  }

  @Test func `of no administrator change nothing and read no counts`() async throws {
    let server = try await RunningServer(keys: Self.file)
    let body: JSONValue = ["lora_name": "one"]
    #expect(
      try await server.post("/v1/unload_lora_adapter", body, key: "ann-key").status == 403)
    #expect(try await server.ask("GET", "/metrics", key: "ann-key").status == 403)
    #expect(try await server.ask("GET", "/metrics", key: "root-key").status == 200)
    #expect(try await server.ask("GET", "/health").status == 200)
  }

  @Test func `have tokens of a minute`() async throws {
    let server = try await RunningServer(keys: Self.file)
    let request: JSONValue = [
      "model": "two", "prompt": "abcdefgh", "max_tokens": 20, "ignore_eos": true,
    ]
    #expect(try await server.post("/v1/completions", request, key: "bob-key").status == 200)
    let refused = try await server.post("/v1/completions", request, key: "bob-key")
    #expect(refused.status == 429)
    let seconds = try #require(refused.headers["retry-after"].flatMap { Int($0) })
    #expect((1...60).contains(seconds))
    #expect(try await complete(server, "one", "ann-key") == 200)
  }

  @Test(arguments: [
    ("{}", "keys"), (#"{"keys": []}"#, "keys"), (#"{"keys": [{"name": "a"}]}"#, "sha256"),
    (#"{"keys": [{"name": "a", "sha256": "00"}]}"#, "sha256"),
    (#"{"keys": [{"name": "a", "sha256": "\#(hash("a"))"}], "typo": 1}"#, "typo"),
    (
      #"{"keys": [{"name": "a", "sha256": "\#(hash("x"))"}, {"name": "b", "sha256": "\#(hash("x"))"}]}"#,
      "sha256"
    ),
  ])
  func `of a broken file are refused with its name`(text: String, key: String) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID()).json")
    try text.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    #expect { try APIKeys(at: file) } throws: { error in
      "\(error)".contains(file.lastPathComponent) && "\(error)".contains("\"\(key)")
        || "\(error)".contains(key)
    }
  }

  @Test func `without the base have no scale that leads to it`() async throws {
    let server = try await RunningServer(keys: Self.file)
    let list = try JSONValue(
      parsing: try await server.ask("GET", "/lora-adapters", key: "ann-key").body)
    let id = try #require(list.array?.first?.object?["id"])
    for (scale, status) in [("1", 200), ("1e-50", 400), ("1e-30", 400), ("0", 400), ("0.5", 400)] {
      let answer = try await server.ask(
        "POST", "/v1/completions",
        #"{"prompt": "a", "max_tokens": 2, "lora": [{"id": \#(id.text()), "scale": \#(scale)}]}"#,
        key: "ann-key")
      #expect(answer.status == status, "\(scale)")
    }
    #expect(
      try await server.ask(
        "POST", "/v1/completions",
        #"{"prompt": "a", "max_tokens": 2, "lora": [{"id": \#(id.text()), "scale": 1e-50}]}"#,
        key: "root-key"
      ).status == 200)
  }
}
