import Foundation
import LowRank
import LowRankServing
import LowRankSocketTesting
import LowRankWorkshop
import Testing

@Suite struct `The API of the server` {
  @Test func `lists the base and the adapters`() async throws {
    let server = try await RunningServer()
    let list = try await server.ask("GET", "/v1/models").object()
    let data = try #require(list["data"]?.array).compactMap(\.object)
    #expect(list["object"] == "list")
    #expect(data.map { $0["id"]?.string } == ["base", "one", "two"])
    #expect(data.map { $0["parent"]?.string } == [nil, "base", "base"])
    #expect(data.allSatisfy { $0["object"] == "model" && $0["max_model_len"] == 32 })
    #expect(try await server.ask("GET", "/v1/models/two").object()["id"] == "two")
    let qualified = try await server.ask("GET", "/v1/models/base:two").object()
    #expect(qualified["id"] == "base:two" && qualified["parent"] == "base")
    for name in ["three", "base:three", "base:base:two"] {
      #expect(try await server.ask("GET", "/v1/models/\(name)").status == 404)
    }
    #expect(try await server.ask("GET", "/health").object()["status"] == "ok")
    #expect(data.allSatisfy { $0["task"] == "generate" })
  }

  /// What `lowrank generate` continues a prompt with.
  private func offline(_ server: RunningServer, _ prompt: String, _ name: String?) throws -> String
  {
    let base = try Model(from: server.workshop.model.path, precision: .float32)
    var (model, selection) = (base, AdapterSelection.none)
    if let name {
      let adapter = try Adapter(from: server.folder.appending(path: name), on: base)
      (model, selection) = (adapter.model, adapter.selection)
    }
    let tokenizer = try base.tokenizer
    let ids = tokenizer.encode(prompt).ids
    var generator = Generator(
      model, prompts: [ids], adapters: selection, stops: [0], maxTokens: 8)
    while try generator.advance() {}
    var stream = StreamDecoder(tokenizer, after: ids)
    return generator.sequences[0].tokens.map { stream.append($0) }.joined() + stream.finish()
  }

  @Test(arguments: ["base", "one", "two", "base:one"])
  func `continues a prompt with the adapter that is named`(name: String) async throws {
    let server = try await RunningServer()
    let adapter = name == "base" ? nil : String(name.split(separator: ":").last ?? "")
    let answer = try await server.post(
      "/v1/completions",
      ["model": .string(name), "prompt": "hello", "max_tokens": 8, "temperature": 0])
    #expect(answer.status == 200)
    let object = try answer.object()
    let choice = try #require(answer.choices().first)
    #expect(try choice["text"]?.string == offline(server, "hello", adapter))
    #expect(object["object"] == "text_completion" && object["model"]?.string == name)
    #expect(["stop", "length"].contains(choice["finish_reason"]?.string))
    let usage = try #require(object["usage"]?.object)
    #expect(usage["prompt_tokens"] == 5)
    #expect(
      usage["total_tokens"]?.integer
        == 5 + (usage["completion_tokens"]?.integer ?? -1))
    #expect(choice["logprobs"] == .null)
  }

  @Test func `takes prompts in four forms, and several answers of each`() async throws {
    let server = try await RunningServer()
    func texts(_ prompt: JSONValue, _ n: Int = 1) async throws -> [String] {
      let answer = try await server.post(
        "/v1/completions",
        ["prompt": prompt, "max_tokens": 5, "temperature": 0, "n": .integer(n)])
      let choices = try answer.choices()
      #expect(choices.compactMap { $0["index"]?.integer } == Array(0..<choices.count))
      return choices.compactMap { $0["text"]?.string }
    }
    let ids = try Model(from: server.workshop.model.path).tokenizer.encode("ab").ids
    let list = JSONValue.array(ids.map { .integer(Int($0)) })
    let one = try await texts("ab")
    #expect(one.count == 1)
    #expect(try await texts(list) == one)
    #expect(try await texts([list, list]) == one + one)
    #expect(try await texts(["ab", "cd"], 2).count == 4)
    #expect(try await texts(["ab", "cd"], 2).prefix(2) == [one[0], one[0]])
  }

  @Test func `streams the same text, with its usage at the end`() async throws {
    let server = try await RunningServer()
    let request: JSONObject = [
      "model": "two", "prompt": ["ab", "xyz"], "max_tokens": 9, "temperature": 0,
    ]
    let whole = try await server.post("/v1/completions", .object(request))
    let options: JSONValue = ["include_usage": true]
    var streamed = request
    (streamed["stream"], streamed["stream_options"]) = (true, options)
    let answer = try await server.post("/v1/completions", .object(streamed))
    #expect(answer.headers["content-type"] == "text/event-stream")
    var texts = ["", ""]
    var reasons: [String?] = [nil, nil]
    let events = try answer.events()
    for event in events {
      for choice in event["choices"]?.array?.compactMap(\.object) ?? [] {
        let index = try #require(choice["index"]?.integer)
        texts[index] += choice["text"]?.string ?? ""
        reasons[index] = choice["finish_reason"]?.string ?? reasons[index]
      }
    }
    #expect(try texts == whole.choices().compactMap { $0["text"]?.string })
    #expect(try reasons == whole.choices().map { $0["finish_reason"]?.string })
    #expect(try events.last?["usage"] == whole.object()["usage"])
    #expect(answer.body.contains("data: [DONE]"))
  }

  @Test func `echoes a prompt with its logarithms, as lm-evaluation-harness asks`() async throws {
    let server = try await RunningServer()
    let base = try Model(from: server.workshop.model.path, precision: .float32)
    let ids = try base.tokenizer.encode("hello there").ids
    let answer = try await server.post(
      "/v1/completions",
      [
        "model": "base", "prompt": [.array(ids.map { .integer(Int($0)) })], "temperature": 0,
        "max_tokens": 1, "logprobs": 1, "seed": 1234, "echo": true,
      ])
    let choice = try #require(answer.choices().first)
    let logarithms = try #require(choice["logprobs"]?.object)
    let values = try #require(logarithms["token_logprobs"]?.array)
    let tops = try #require(logarithms["top_logprobs"]?.array)
    // The harness leaves out the last entry, that of the token behind the prompt.
    #expect(values.count == ids.count + 1 && tops.count == values.count)
    #expect(values[0] == .null && tops[0] == .null)
    #expect(choice["text"]?.string?.hasPrefix("hello there") == true)
    let scoring = Scoring(base, ids)
    let width = base.architecture.vocabularySize
    let numbers = base.engine.floats(scoring.logits)
    for index in 1..<ids.count {
      let value = try #require(values[index].double)
      #expect(abs(value - (try #require(scoring.logProbabilities[index]))) < 1e-5)
      let row = numbers[(index - 1) * width..<index * width]
      let isGreedy = row.max() == row[row.startIndex + Int(ids[index])]
      let best = tops[index].object?.entries.compactMap(\.value.double).max()
      #expect((best == value) == isGreedy)
    }
    // So it has to be there where it ends the text, too.
    let last = numbers.suffix(width)
    let next = try #require(last.indices.max { last[$0] < last[$1] }) - last.startIndex
    let ended = try await server.post(
      "/v1/completions",
      [
        "prompt": [.array(ids.map { .integer(Int($0)) })], "temperature": 0, "max_tokens": 1,
        "logprobs": 1, "echo": true, "stop_token_ids": [.integer(next)],
      ])
    let end = try #require(ended.choices().first)
    #expect(end["finish_reason"] == "stop" && end["text"] == "hello there")
    #expect(end["logprobs"]?.object?["token_logprobs"]?.array?.count == ids.count + 1)
    #expect(end["logprobs"]?.object?["text_offset"]?.array?.last == 11)
    #expect(try ended.object()["usage"]?.object?["completion_tokens"] == 0)
  }

  @Test func `ends an answer before a text that stops it`() async throws {
    let server = try await RunningServer()
    let request: JSONObject = ["prompt": "hello", "max_tokens": 12, "temperature": 0]
    let whole = try #require(
      try await server.post("/v1/completions", .object(request.with("ignore_eos", true)))
        .choices().first?["text"]?.string)
    try #require(whole.count > 6)
    let stop = String(Array(whole)[3...4])
    let expected = String(whole.prefix(upTo: try #require(whole.range(of: stop)).lowerBound))
    for streams in [false, true] {
      let answer = try await server.post(
        "/v1/completions",
        .object(
          request.with("ignore_eos", true).with("stop", .array([.string(stop), "never there"]))
            .with("stream", .bool(streams))))
      let choices =
        streams
        ? try answer.events().flatMap { $0["choices"]?.array?.compactMap(\.object) ?? [] }
        : try answer.choices()
      #expect(choices.compactMap { $0["text"]?.string }.joined() == expected)
      #expect(choices.compactMap { $0["finish_reason"]?.string } == ["stop"])
    }
  }

  @Test func `samples the same with a seed`() async throws {
    let server = try await RunningServer()
    func sample(_ seed: Int) async throws -> [String] {
      try await server.post(
        "/v1/completions",
        [
          "prompt": "abc", "max_tokens": 20, "temperature": 2, "seed": .integer(seed), "n": 3,
          "ignore_eos": true,
        ]
      ).choices().compactMap { $0["text"]?.string }
    }
    let first = try await sample(1)
    #expect(try await sample(1) == first)
    #expect(try await sample(2) != first)
    #expect(Set(first).count > 1)
  }

  @Test func `answers a conversation by the chat template`() async throws {
    let template = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).jinja")
    try "{% for m in messages %}{{ m['content'] }}.{% endfor %}:".write(
      to: template, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: template) }
    let renderer = try TemplateRenderer(inModelFolder: URL(filePath: "/"), template: template)
    let server = try await RunningServer { $0.renderer = renderer }
    let messages: JSONValue = [
      ["role": "user", "content": [["type": "text", "text": "abc"]]]
    ]
    let answer = try await server.post(
      "/v1/chat/completions",
      [
        "model": "one", "messages": messages, "max_tokens": 4, "temperature": 0, "logprobs": true,
        "top_logprobs": 2,
      ])
    let choice = try #require(answer.choices().first)
    let message = try #require(choice["message"]?.object)
    #expect(message["role"] == "assistant" && message["content"]?.string != nil)
    let content = try #require(choice["logprobs"]?.object?["content"]?.array).compactMap(\.object)
    #expect(content.allSatisfy { $0["top_logprobs"]?.array?.count == 2 })
    #expect(
      content.compactMap { $0["token"]?.string }.joined() == message["content"]?.string)
    let streamed = try await server.post(
      "/v1/chat/completions",
      [
        "model": "one", "messages": messages, "max_tokens": 4, "temperature": 0, "stream": true,
      ])
    let deltas = try streamed.events().compactMap {
      $0["choices"]?.array?.first?.object?["delta"]?.object
    }
    #expect(deltas.first?["role"] == "assistant")
    #expect(
      deltas.compactMap { $0["content"]?.string }.joined() == message["content"]?.string)
  }

  @Test func `adds adapters up as llama.cpp's clients ask`() async throws {
    let server = try await RunningServer()
    let list = try JSONValue(parsing: try await server.ask("GET", "/lora-adapters").body).array
    let ids = try #require(list).compactMap(\.object)
    #expect(ids.map { $0["path"]?.string } == ["one", "two"])
    func text(_ model: String, _ lora: JSONValue) async throws -> String? {
      try await server.post(
        "/v1/completions",
        [
          "model": .string(model), "prompt": "hello", "max_tokens": 8, "temperature": 0,
          "lora": lora, "ignore_eos": true,
        ]
      ).choices().first?["text"]?.string
    }
    let one: JSONValue = [["id": ids[0]["id"] ?? .null, "scale": 1.0]]
    #expect(try await text("base", one) == text("one", .null))
    #expect(
      try await text("base", [["id": ids[0]["id"] ?? .null, "scale": 0.0]])
        == text("base", .null))
    #expect(
      try await server.post("/v1/completions", ["prompt": "a", "lora": [["id": 77]]]).status
        == 400)
  }

  @Test(arguments: [
    ("{", 400), ("[]", 400), (#"{"prompt": 7}"#, 400), (#"{"prompt": []}"#, 400),
    (#"{"prompt": [1, -2]}"#, 400), (#"{"prompt": [99]}"#, 400), (#"{"prompt": ["a", 3]}"#, 400),
    (#"{"prompt": "a", "temperature": -1}"#, 400), (#"{"prompt": "a", "n": 0}"#, 400),
    (#"{"prompt": "a", "top_p": 0}"#, 400), (#"{"prompt": "a", "max_tokens": 99}"#, 400),
    (#"{"prompt": "a", "max_tokens": "x"}"#, 400), (#"{"prompt": "a", "stop": [""]}"#, 400),
    (#"{"prompt": "a", "logit_bias": {"x": 1}}"#, 400),
    (#"{"prompt": "a", "logit_bias": {"1": 1000}}"#, 400),
    (#"{"prompt": "a", "model": "three"}"#, 404), (#"{"prompt": "a", "model": "../one"}"#, 404),
    (#"{"prompt": "a", "suffix": "b"}"#, 400), (#"{"prompt": "a", "best_of": 5}"#, 400),
    (#"{"model": "base"}"#, 400),
  ])
  func `refuses a wrong request in OpenAI's form`(body: String, status: Int) async throws {
    let server = try await RunningServer()
    let answer = try await server.ask("POST", "/v1/completions", body)
    #expect(answer.status == status)
    let error = try #require(answer.object()["error"]?.object)
    let message = try #require(error["message"]?.string)
    #expect(!message.isEmpty && !message.contains(server.workshop.root.path))
    #expect(error["type"]?.string?.isEmpty == false)
    #expect(error.keys.sorted() == ["code", "message", "param", "type"])
  }

  @Test func `refuses wrong addresses, methods, sizes and origins`() async throws {
    let server = try await RunningServer { $0.bodyBytes = 1000 }
    #expect(try await server.ask("GET", "/nothing").status == 404)
    #expect(try await server.ask("GET", "/v1/completions").status == 405)
    #expect(
      try await server.ask("POST", "/v1/completions", String(repeating: " ", count: 1001)).status
        == 413)
    #expect(
      try await server.ask("GET", "/v1/models", fields: "Origin: http://evil.example\r\n").status
        == 403)
    #expect(try await server.ask("POST", "/v1/embeddings", "{}").status == 404)
    #expect(
      try await server.ask("POST", "/v1/completions", "{\"prompt\": \"\u{1}\"}").status == 400)
  }

  @Test func `loads and unloads adapters of the folder, and no others`() async throws {
    let server = try await RunningServer()
    func load(_ name: String, _ path: String, _ replaces: Bool = false) async throws -> Answer {
      try await server.post(
        "/v1/load_lora_adapter",
        [
          "lora_name": .string(name), "lora_path": .string(path), "load_inplace": .bool(replaces),
        ])
    }
    #expect(try await load("three", "one").status == 200)
    #expect(
      try await server.post(
        "/v1/completions", ["model": "three", "prompt": "a", "max_tokens": 1]
      ).status == 200)
    #expect(try await load("four", "missing").status == 404)
    for path in ["/etc", "..", "../model", server.workshop.model.path] {
      #expect(try await load("four", path).status == 403, "\(path)")
    }
    #expect(try await load("base", "one").status == 400)
    #expect(try await load("three", "two").status == 400)
    #expect(try await load("three", "two", true).status == 200)
    #expect(
      try await server.post("/v1/unload_lora_adapter", ["lora_name": "three"]).status == 200)
    #expect(
      try await server.post("/v1/unload_lora_adapter", ["lora_name": "three"]).status == 404)
    #expect(
      try await server.post("/v1/completions", ["model": "three", "prompt": "a"]).status == 404)
  }

  @Test func `tells counts for Prometheus`() async throws {
    let server = try await RunningServer()
    _ = try await server.post(
      "/v1/completions",
      ["model": "one", "prompt": "hello", "max_tokens": 3, "ignore_eos": true])
    let text = try await server.ask("GET", "/metrics").body
    #expect(text.contains("\nlowrank_generated_tokens_total 3\n"))
    #expect(text.contains("\nlowrank_prompt_tokens_total 5\n"))
    #expect(text.contains("\nlowrank_adapters_loaded 1\n"))
    #expect(
      text.contains(
        "lowrank_http_requests_total{endpoint=\"/v1/completions\",status=\"200\"} 1\n"))
    #expect(text.contains("lowrank_first_token_seconds_count 1\n"))
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      #expect(line.contains(/^lowrank_[a-z_]+(\{[^}]*\})? [0-9.e+-]+$/), "\(line)")
    }
  }

  @Test func `gives up an answer whose client leaves`() async throws {
    let server = try await RunningServer { $0.limits.length = 32 }
    let end = ContinuousClock.now + .seconds(60)
    var text = ""
    // Answers may be complete before it is noticed that a client left: then others are asked for.
    repeat {
      for stream in ["false", "true"] {
        let body = """
          {"prompt": "a", "max_tokens": 30, "n": 100, "ignore_eos": true, "stream": \(stream)}
          """
        let connection = try LowRankSocketTesting.Conversation(port: server.port)
        try await connection.send(
          "POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
      }
      // Both connections are closed now.
      repeat {
        try await Task.sleep(for: .milliseconds(50))
        text = try await server.ask("GET", "/metrics").body
      } while !(text.contains("lowrank_requests_running 0\n")
        && text.contains("lowrank_requests_waiting 0\n")) && ContinuousClock.now < end
    } while text.contains("lowrank_requests_cancelled_total 0\n") && ContinuousClock.now < end
    #expect(!text.contains("lowrank_requests_cancelled_total 0\n"))
    #expect(text.contains("lowrank_cache_pages_used 0\n"))
  }

  @Test(.timeLimit(.minutes(5))) func `lets answers finish where it is stopped`() async throws {
    let server = try await RunningServer()
    async let answer = server.post(
      "/v1/completions", ["prompt": "a", "max_tokens": 30, "n": 40, "ignore_eos": true])
    // The request has arrived once it is counted: as running, as waiting, or as answered.
    var text = ""
    repeat {
      text = try await server.ask("GET", "/metrics").body
    } while text.contains("lowrank_requests_running 0\n")
      && text.contains("lowrank_requests_waiting 0\n")
      && text.contains("lowrank_generated_tokens_total 0\n")
    try await server.stop()
    let found = try await answer
    #expect(found.status == 200)
    #expect(try found.choices().count == 40)
  }
}

extension JSONObject {
  fileprivate func with(_ key: String, _ value: JSONValue) -> JSONObject {
    var object = self
    object[key] = value
    return object
  }
}
