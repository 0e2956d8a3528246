import LowRank
import LowRankHTTP

/// `/tokenize`, `/detokenize` and `/tokenizer_info`, as vLLM has them.
struct TokenEndpoints: Sendable {
  let context: ServingContext

  func tokenize(_ request: HTTPRequest, key: APIKeys.Key) async throws -> HTTPResponse {
    let fields = try await RequestFields(
      of: request, upTo: context.bodyLimit, among: KnownFields.tokenization)
    let model = try await context.model(fields, for: key)
    let ids: [Int32]
    if fields["messages"] != nil {
      ids = try ChatPrompt(fields).ids(model)
    } else {
      let text = try fields.optionalString("prompt") ?? fields.string("content")
      let special = try fields.bool("add_special_tokens", default: true)
      ids = model.texts.tokenizer.encode(text, addSpecialTokens: special).ids
    }
    var answer: JSONObject = [
      "count": .integer(ids.count), "max_model_len": .integer(context.longest),
      "tokens": .array(ids.map { .integer(Int($0)) }),
    ]
    if try fields.bool("return_token_strs", default: false) {
      answer["token_strs"] = .array(
        ids.map { .string(model.texts.tokenizer.token(of: $0) ?? "") })
    }
    return APIResponse.json(.object(answer))
  }

  func detokenize(_ request: HTTPRequest, key: APIKeys.Key) async throws -> HTTPResponse {
    let fields = try await RequestFields(
      of: request, upTo: context.bodyLimit, among: KnownFields.detokenization)
    let model = try await context.model(fields, for: key)
    let ids = try fields.array("tokens").map { value in
      guard let id = value.integer.flatMap({ Int32(exactly: $0) }), id >= 0 else {
        throw APIError.invalid("tokens", "\"tokens\" must hold integers of 0 or more.")
      }
      return id
    }
    if let stray = ids.first(where: { model.texts.tokenizer.token(of: $0) == nil }) {
      throw APIError.invalid(
        "tokens",
        "\"tokens\" has \(stray), which is no token of the vocabulary of \(model.texts.tokenizer.vocabularySize)."
      )
    }
    let text = model.texts.tokenizer.decode(ids, skipSpecialTokens: false)
    return APIResponse.json(["prompt": .string(text), "content": .string(text)])
  }

  func info() -> HTTPResponse {
    let texts = context.texts
    func token(_ id: Int32?) -> JSONValue {
      id.flatMap { texts.tokenizer.token(of: $0) }.map { .string($0) } ?? .null
    }
    // A tokenizer that begins texts with a token names it by what an empty text becomes.
    let first = texts.tokenizer.encode("").ids.first
    var info: JSONObject = [
      "eos_token": token(texts.end.id),
      "bos_token": token(first == texts.end.id ? nil : first),
      "unk_token": token(texts.tokenizer.unknownToken),
      "pad_token": texts.names.padding.map { .string($0) } ?? .null,
      "vocab_size": .integer(texts.tokenizer.vocabularySize),
      "model_max_length": .integer(context.longest),
      "chat_template": texts.renderer.map { .string($0.source) } ?? .null,
    ]
    if let name = texts.names.className { info["tokenizer_class"] = .string(name) }
    return APIResponse.json(.object(info))
  }
}

extension ServingContext {
  /// The longest sequence.
  var longest: Int {
    engine?.limits.length ?? encoder?.longest ?? bases.model.architecture.positions
  }
}
