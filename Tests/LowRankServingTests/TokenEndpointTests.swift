import Foundation
import LowRank
import LowRankServing
import LowRankSocketTesting
import LowRankWorkshop
import Testing

@Suite struct `The server's tokenizer` {
  @Test func `counts tokens both ways`() async throws {
    let server = try await RunningServer()
    let tokens = try await server.post("/tokenize", ["prompt": "hello"]).object()
    #expect(tokens["count"] == 5)
    let text = try await server.post(
      "/detokenize", ["tokens": tokens["tokens"] ?? .null]
    ).object()
    #expect(text["prompt"] == "hello")
    let info = try await server.ask("GET", "/tokenizer_info").object()
    #expect(info["vocab_size"] == 32 && info["pad_token"] == .null)
    #expect(info["tokenizer_class"] == nil)
  }

  @Test func `says what the tokenizer's files call it and its padding`() async throws {
    let server = try await RunningServer(preparing: { workshop in
      let settings: JSONValue = [
        "tokenizer_class": "GPT2Tokenizer", "pad_token": ["content": "<end>"],
      ]
      try settings.write(to: workshop.model.appending(path: "tokenizer_config.json"))
    })
    let info = try await server.ask("GET", "/tokenizer_info").object()
    #expect(info["tokenizer_class"] == "GPT2Tokenizer" && info["pad_token"] == "<end>")
  }
}
