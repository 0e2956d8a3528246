import Foundation
import LowRank
import LowRankServing
import LowRankSocketTesting
import LowRankWorkshop
import Testing

@Suite struct `The server's answers to what cannot be` {
  private func message(_ answer: Answer) throws -> String {
    try #require(answer.object()["error"]?.object?["message"]?.string)
  }

  @Test func `say which method an address answers`() async throws {
    let server = try await RunningServer()
    let got = try await server.ask("GET", "/v1/completions")
    #expect(got.status == 405 && got.headers["allow"] == "POST")
    #expect(
      try message(got) == "GET was sent to /v1/completions, which answers POST alone.")
    let posted = try await server.post("/v1/models", [:])
    #expect(posted.status == 405 && posted.headers["allow"] == "GET, HEAD")
    #expect(try message(posted) == "POST was sent to /v1/models, which answers GET alone.")
  }

  @Test(arguments: [[32], [3, 2_147_483_647]])
  func `name a token that there is not`(tokens: [Int]) async throws {
    let server = try await RunningServer()
    let answer = try await server.post(
      "/detokenize", ["tokens": .array(tokens.map { .integer($0) })])
    #expect(answer.status == 400)
    #expect(
      try message(answer)
        == "\"tokens\" has \(tokens.max() ?? 0), which is no token of the vocabulary of 32.")
    #expect(try await server.post("/detokenize", ["tokens": [31]]).status == 200)
  }

  /// What the operator linked into the folder is served under its name; what a path leads to elsewhere is not.
  @Test func `load what a link in the folder leads to, as it is served`() async throws {
    let server = try await RunningServer()
    let other = server.workshop.place("elsewhere")
    let files = FileManager.default
    try files.moveItem(at: server.folder.appending(path: "two"), to: other)
    try files.createSymbolicLink(
      at: server.folder.appending(path: "linked"), withDestinationURL: other)
    let names = try await server.ask("GET", "/v1/models").object()["data"]?.array
    #expect(names?.compactMap { $0.object?["id"]?.string }.contains("linked") == true)
    func load(_ name: String, _ path: String) async throws -> Answer {
      try await server.post(
        "/v1/load_lora_adapter",
        ["lora_name": .string(name), "lora_path": .string(path), "load_inplace": true])
    }
    for path in ["linked", server.folder.appending(path: "linked").path] {
      let loaded = try await load("linked", path)
      #expect(loaded.status == 200, "\(path): \(loaded.body)")
    }
    #expect(try await load("again", "linked").status == 200)
    for path in [other.path, "../elsewhere", "linked/../elsewhere", "linked/..", "."] {
      #expect(try await load("other", path).status != 200, "\(path)")
    }
  }

  /// A client that reads nothing more keeps the stream from its end until it leaves.
  @Test func `are logged when a stream has ended`() async throws {
    let lines = AsyncStream<String>.makeStream()
    let server = try await RunningServer(log: { lines.continuation.yield($0) })
    let body =
      #"{"prompt": "a", "max_tokens": 30, "n": 128, "logprobs": 30, "ignore_eos": true, "stream": true}"#
    var connection: LowRankSocketTesting.Conversation? = try .init(
      port: server.port, receiveBuffer: 4096)
    try await connection?.send(
      "POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    _ = try await connection?.read { $0.contains("data: ") }
    #expect(try await server.ask("GET", "/health").status == 200)
    var iterator = lines.stream.makeAsyncIterator()
    let first = try #require(await iterator.next())
    #expect(first.hasPrefix("GET /health 200 "), "\(first)")
    connection = nil
    let second = try #require(await iterator.next())
    #expect(second.hasPrefix("POST /v1/completions 200 "), "\(second)")
  }

  @Test(arguments: [
    ("/v1/completions", #""max_token": 2"#, "\"max_tokens\""),
    ("/v1/completions", #""min_tokens": 3"#, ""),
    ("/v1/completions", #""prompt_logprobs": 1"#, ""),
    ("/v1/completions", #""max_tokens": 9223372036854775807"#, "9223372036854775807"),
    ("/v1/completions", #""lora": [{"id": 0, "scal": 0.5}]"#, "scal"),
    ("/v1/completions", #""stop_token_ids": [99999]"#, "99999"),
    ("/v1/chat/completions", #""structured_outputs": {}"#, ""),
    ("/tokenize", #""return_tokens": true"#, "return_token_strs"),
  ])
  func `name a field that would change nothing, or too much`(
    path: String, field: String, hint: String
  ) async throws {
    let server = try await RunningServer()
    let answer = try await server.ask(
      "POST", path, #"{"prompt": "a", \#(field)}"#)
    #expect(answer.status == 400)
    #expect(try hint.isEmpty || message(answer).contains(hint), "\(answer.body)")
    let name = try #require(field.split(separator: "\"").first.map(String.init))
    let parameter = try answer.object()["error"]?.object?["param"]?.string
    #expect(parameter == name || path.contains("chat"), "\(answer.body)")
    #expect(try await server.ask("GET", "/health").status == 200)
  }

  @Test func `let fields pass that no answer depends on`() async throws {
    let server = try await RunningServer()
    let answer = try await server.ask(
      "POST", "/v1/completions",
      #"{"prompt": "a", "max_tokens": 1, "user": "me", "min_tokens": 0, "length_penalty": 1.0, "logit_bias": null, "anything": null}"#
    )
    #expect(answer.status == 200, "\(answer.body)")
  }

  @Test func `say at once that more answers are asked for than may ever wait`() async throws {
    let server = try await RunningServer { configuration in
      (configuration.limits.waiting, configuration.limits.waitingOfTenant) = (6, 4)
    }
    let request: JSONValue = ["prompt": ["a", "b"], "n": 3, "max_tokens": 1]
    let answer = try await server.post("/v1/completions", request)
    #expect(answer.status == 400)
    #expect(try message(answer).hasPrefix("The request asks for 6 answers, and at most 4 may wait"))
    // Nothing of it is left behind.
    let fewer: JSONValue = ["prompt": ["a", "b"], "n": 2, "max_tokens": 1]
    #expect(try await server.post("/v1/completions", fewer).choices().count == 4)
  }
}
