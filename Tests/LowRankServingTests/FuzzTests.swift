import Foundation
import LowRank
import LowRankSocketTesting
import LowRankWorkshop
import Testing

/// `LOWRANK_REQUESTS=1000000` sends as many changed requests, and a tenth of them with several keys.
@Suite struct `Requests at random` {
  private static let count = ProcessInfo.processInfo.environment["LOWRANK_REQUESTS"].flatMap(
    Int.init)

  private static let bodies = [
    #"{"model": "one", "prompt": "hello", "max_tokens": 3, "temperature": 0.5, "top_p": 0.9}"#,
    #"{"prompt": [[1, 2], [3]], "n": 2, "logprobs": 2, "echo": true, "stop": ["a"], "seed": 7}"#,
    #"{"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}], "stream": true}"#,
    #"{"lora_name": "x", "lora_path": "one", "load_inplace": true}"#,
    #"{"tokens": [1, 2, 3], "prompt": "abc", "logit_bias": {"1": 3}, "lora": [{"id": 0}]}"#,
  ]
  private static let paths = [
    "/v1/completions", "/v1/chat/completions", "/tokenize", "/detokenize",
    "/v1/load_lora_adapter", "/v1/unload_lora_adapter", "/v1/embeddings", "/nothing", "/%zz",
    "/v1/models/..%2f", "/metrics", "/",
  ]
  private static let values = [
    "null", "-1", "1e999", "99999999999999999999", "\"\"", "[]", "{}", "true", "[[]]", "1.5",
    "\"\\ud800\"", "\"\u{0}\"", "-0", "\"/etc/passwd\"",
  ]

  /// A body with some bytes changed, or a value replaced.
  private func changed(_ body: String, _ random: inout Philox) -> String {
    var bytes = Array(body.utf8)
    switch random.integer(below: 4) {
    case 0:
      for _ in 0...random.integer(below: 3) {
        bytes[random.integer(below: bytes.count)] = UInt8(random.integer(below: 128))
      }
    case 1: bytes.removeLast(random.integer(below: bytes.count))
    case 2:
      let colons = bytes.indices.filter { bytes[$0] == UInt8(ascii: ":") }
      let start = colons[random.integer(below: colons.count)] + 1
      let end = bytes[start...].firstIndex { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "}") }
      bytes.replaceSubrange(
        start..<(end ?? bytes.count),
        with: Self.values[random.integer(below: Self.values.count)].utf8)
    default: break
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func `get a clear status each, and harm nobody`() async throws {
    let server = try await RunningServer()
    let question: JSONValue = [
      "model": "two", "prompt": "hello", "max_tokens": 8, "temperature": 0,
    ]
    let expected = try await server.post("/v1/completions", question).choices()
    var random = Philox(key: 11)
    var statuses: [Int: Int] = [:]
    for number in 0..<(Self.count ?? 600) {
      let method = random.integer(below: 8) == 0 ? "GET" : "POST"
      // The first ones twice as often as the last.
      let path = Self.paths[random.integer(below: 20) % Self.paths.count]
      let body = changed(Self.bodies[random.integer(below: Self.bodies.count)], &random)
      let answer = try await server.ask(method, path, body)
      statuses[answer.status, default: 0] += 1
      #expect([200, 400, 403, 404, 405].contains(answer.status), "\(method) \(path) \(body)")
      #expect(!answer.body.contains(server.workshop.root.path), "\(body)")
      if number.isMultiple(of: 100) {
        #expect(try await server.post("/v1/completions", question).choices() == expected)
      }
    }
    #expect(statuses[400, default: 0] > 100)
    #expect(try await server.post("/v1/completions", question).choices() == expected)
  }

  @Test func `of several keys find each only its own adapters`() async throws {
    let allowed: [String: Set<String>] = [
      "a": ["one"], "b": ["two", "base"], "c": [], "d": ["one", "two", "base"],
    ]
    let keys = allowed.keys.sorted().map { name in
      let list = (allowed[name] ?? []).subtracting(["base"]).sorted()
      let base = allowed[name]?.contains("base") == true
      return """
        {"name": "\(name)", "sha256": "\(SHA256Text.of("key-\(name)"))", "base": \(base), \
        "adapters": \(JSONValue.array(list.map { .string($0) }).text())}
        """
    }
    let server = try await RunningServer(keys: "{\"keys\": [\(keys.joined(separator: ","))]}")
    var random = Philox(key: 5)
    let names = ["one", "two", "base", "base:one", "base:two", "three", "On", "one ", "*"]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<(Self.count.map { $0 / 10 } ?? 300) {
        if number >= 32 { try await group.next() }
        let key = ["a", "b", "c", "d"][random.integer(below: 4)]
        let name = names[random.integer(below: names.count)]
        let path = ["/v1/completions", "/tokenize"][random.integer(below: 2)]
        group.addTask {
          var body: JSONObject = ["model": .string(name), "prompt": "ab"]
          if path == "/v1/completions" { body["max_tokens"] = 1 }
          let answer = try await server.post(path, .object(body), key: "key-\(key)")
          let adapter = name.hasPrefix("base:") ? String(name.dropFirst(5)) : name
          let isAllowed = allowed[key]?.contains(adapter) == true
          #expect(answer.status == (isAllowed ? 200 : 404), "\(key) asks for \(name)")
        }
      }
      try await group.waitForAll()
    }
  }
}
