import Foundation
import LowRank
import LowRankServing
import LowRankSocketTesting
import LowRankWorkshop
import Testing

@Suite struct `Requests that the server refuses` {
  /// A server with a chat template that has no place for tools.
  private func talking() async throws -> RunningServer {
    try await RunningServer(preparing: { workshop in
      let template =
        "{% if tools %}{{ raise_exception('no tools') }}{% endif %}{{ messages[0].content }}"
      try template.write(
        to: workshop.model.appending(path: "chat_template.jinja"), atomically: true,
        encoding: .utf8)
    })
  }

  /// What is said of a request that is refused.
  private func refused(
    _ server: RunningServer, _ path: String, _ body: JSONObject
  ) async throws -> (message: String, field: String?, code: String?) {
    let answer = try await server.post(path, .object(body))
    #expect((400..<500).contains(answer.status))
    let error = try #require(answer.object()["error"]?.object)
    return (
      try #require(error["message"]?.string), error["param"]?.string, error["code"]?.string
    )
  }

  @Test func `name the flags with which the server is to be started`() async throws {
    let server = try await RunningServer { $0.folder = nil }
    let user: JSONValue = ["role": "user", "content": "a"]
    #expect(
      try await refused(server, "/v1/embeddings", ["input": "a"]).message
        == "The server continues texts; start it with --task embeddings or classification.")
    #expect(
      try await refused(server, "/v1/chat/completions", ["messages": [user]]).message
        == "The model has no chat template; start the server with --chat-template, or use /v1/completions."
    )
    #expect(
      try await refused(
        server, "/v1/load_lora_adapter", ["lora_name": "a", "lora_path": "a"]
      ).message == "Adapters are loaded from the folder of --adapters, which was not given.")
  }

  @Test func `name the flag that lifts a check of an adapter`() async throws {
    let server = try await RunningServer()
    let file = server.folder.appending(path: "one/adapter_model.safetensors")
    var bytes = try Data(contentsOf: file)
    let mark = try #require(bytes.range(of: Data("lowrank1:".utf8)))
    let digit = UInt8(ascii: "0")
    bytes[mark.upperBound] = bytes[mark.upperBound] == digit ? digit + 1 : digit
    try bytes.write(to: file)
    let answer = try await server.post("/v1/completions", ["model": "one", "prompt": "a"])
    #expect(answer.status == 500)
    #expect(answer.body.contains("or pass --allow fingerprint to use this one"))
  }

  @Test func `say which entry of a list is of the wrong kind`() async throws {
    let server = try await talking()
    let messages = try await refused(server, "/v1/chat/completions", ["messages": [5]])
    #expect(messages.message == "\"messages[0]\" must be an object, found an integer")
    let stops = try await refused(
      server, "/v1/completions", ["prompt": "a", "stop_token_ids": [5, "a"]])
    #expect(stops.message == "\"stop_token_ids[1]\" must be an integer, found a string")
  }

  @Test func `tell tools that a template has no place for from messages`() async throws {
    let server = try await talking()
    let user: JSONValue = ["role": "user", "content": "a"]
    let tool: JSONValue = ["type": "function", "function": ["name": "f"]]
    let tools = try await refused(
      server, "/v1/chat/completions", ["messages": [user], "tools": [tool]])
    #expect(tools.field == "tools")
    #expect(tools.message.hasPrefix("The chat template refuses the tools: "))
  }

  @Test func `tell a prompt that is too long from an answer that is`() async throws {
    let server = try await talking()
    let long = JSONValue.string(String(repeating: "a", count: 33))
    let code = "context_length_exceeded"
    let prompt = try await refused(server, "/v1/completions", ["prompt": long, "max_tokens": 1])
    #expect(prompt.message == "\"prompt\" has 33 tokens, and the server's limit is 32.")
    #expect(prompt.field == "prompt" && prompt.code == code)
    let user: JSONValue = ["role": "user", "content": long]
    let chat = try await refused(server, "/v1/chat/completions", ["messages": [user]])
    #expect(chat.field == "messages" && chat.code == code)
    for most in [32, Int.max] {
      let answer = try await refused(
        server, "/v1/completions", ["prompt": "a", "max_tokens": .integer(most)])
      #expect(answer.field == "max_tokens" && answer.code == code)
    }
    for field in ["max_tokens", "max_completion_tokens"] {
      let short: JSONValue = ["role": "user", "content": "a"]
      let talk: JSONObject = ["messages": [short], field: 32]
      let answer = try await refused(server, "/v1/chat/completions", talk)
      #expect(answer.field == field && answer.code == code)
    }
    #expect(try await server.ask("GET", "/health").status == 200)
  }

  @Test func `are texts for a vector without the tokens that the tokenizer adds`() async throws {
    let server = try await RunningServer { $0.task = .embeddings }
    func request(_ input: JSONValue, _ special: Bool) -> JSONObject {
      ["input": input, "add_special_tokens": .bool(special)]
    }
    for plain in [request("hello", true), request([1, 2], true), request([1, 2], false)] {
      let answer = try await server.post("/v1/embeddings", .object(plain))
      #expect(answer.status == 200, "\(answer.body)")
    }
    let answer = try await refused(server, "/v1/embeddings", request(["hello"], false))
    #expect(answer.field == "add_special_tokens")
    #expect(answer.message.hasPrefix("\"add_special_tokens\" is false, expected true: "))
  }

  @Test func `want logarithms for the likeliest tokens, unless there are to be none`() async throws
  {
    let server = try await talking()
    let user: JSONValue = ["role": "user", "content": "a"]
    func chat(_ top: Int) -> JSONObject {
      ["messages": [user], "max_tokens": 1, "logprobs": false, "top_logprobs": .integer(top)]
    }
    let none = try await server.post("/v1/chat/completions", .object(chat(0)))
    #expect(none.status == 200)
    #expect(try none.choices().first?["logprobs"] == .null)
    #expect(try await refused(server, "/v1/chat/completions", chat(1)).field == "top_logprobs")
  }
}
