import Foundation
import LowRank
import LowRankHTTP

/// `POST /v1/chat/completions`: answers a conversation.
struct ChatEndpoint: Sendable {
  let context: ServingContext
  let engine: ServingEngine

  func respond(_ request: HTTPRequest, key: APIKeys.Key) async throws -> HTTPResponse {
    let fields = try await RequestFields(
      of: request, upTo: context.bodyLimit, among: KnownFields.chat)
    let model = try await context.model(fields, for: key)
    let sampling = try SamplingFields(fields, vocabulary: model.vocabulary)
    let prompt = try ChatPrompt(fields).ids(model)
    let wantsLogarithms = try fields.bool("logprobs", default: false)
    let topCount = try fields.integer("top_logprobs", in: 0...20)
    if let topCount, topCount > 0, !wantsLogarithms {
      throw APIError.invalid("top_logprobs", "\"top_logprobs\" needs \"logprobs\": true.")
    }
    let limit = Self.limitField(of: fields)
    let maxTokens = try fields.integer(limit, in: 1...Int.max)
    let job: GenerationJob
    do {
      job = try GenerationJob(
        [prompt], model, sampling, inChat: true, maxTokens: maxTokens,
        topCount: wantsLogarithms ? topCount ?? 0 : nil, key: key, in: context, engine)
    } catch {
      throw APIError(error, limit: limit)
    }
    let id = "chatcmpl-\(UUID().uuidString.lowercased())"
    if sampling.isStreamed {
      return stream(job, id: id, prompt: prompt.count, includesUsage: sampling.includesUsage)
    }
    let (answers, tokens) = try await request.whileClientStays { try await job.answers() }
    let choices = answers.enumerated().map { index, answer -> JSONValue in
      [
        "index": .integer(index),
        "message": [
          "role": "assistant", "content": .string(answer.text), "refusal": .null,
        ],
        "logprobs": wantsLogarithms ? Self.logarithms(answer.pieces) : .null,
        "finish_reason": answer.reason.map { .string($0.rawValue) } ?? .null,
      ]
    }
    return APIResponse.json(
      .object(
        header(id, "chat.completion", model.id, choices)
          .adding("usage", Usage.json(prompt: prompt.count, added: tokens))))
  }

  /// The field that says how long the answer may be: `max_tokens` is its former name, and counts only where it stands alone.
  private static func limitField(of fields: RequestFields) -> String {
    (fields["max_completion_tokens"] ?? .null) == .null ? "max_tokens" : "max_completion_tokens"
  }

  private func header(
    _ id: String, _ object: String, _ model: String, _ choices: [JSONValue]
  ) -> JSONObject {
    [
      "id": .string(id), "object": .string(object),
      "created": .integer(Int(Date().timeIntervalSince1970)), "model": .string(model),
      "choices": .array(choices),
    ]
  }

  private func stream(
    _ job: GenerationJob, id: String, prompt: Int, includesUsage: Bool
  ) -> HTTPResponse {
    AnswerStream.response { writer in
      @Sendable func send(
        _ index: Int, _ delta: JSONObject, _ logarithms: JSONValue, _ reason: JSONValue
      )
        async throws
      {
        let choice: JSONValue = [
          "index": .integer(index), "delta": .object(delta), "logprobs": logarithms,
          "finish_reason": reason,
        ]
        try await AnswerStream.send(
          .object(header(id, "chat.completion.chunk", job.model.id, [choice])), to: writer)
      }
      for index in job.choices.indices {
        try await send(index, ["role": "assistant", "content": ""], .null, .null)
      }
      let tokens = try await job.follow { index, _, step in
        if !step.text.isEmpty || !step.pieces.isEmpty {
          try await send(
            index, ["content": .string(step.text)],
            job.describesTokens ? Self.logarithms(step.pieces) : .null, .null)
        }
        if let reason = step.reason { try await send(index, [:], .null, .string(reason.rawValue)) }
      }
      if includesUsage {
        let last = header(id, "chat.completion.chunk", job.model.id, [])
          .adding("usage", Usage.json(prompt: prompt, added: tokens))
        try await AnswerStream.send(.object(last), to: writer)
      }
    }
  }

  private static func logarithms(_ pieces: [Answer.Piece]) -> JSONValue {
    func entry(_ spelling: TokenText, _ value: Double) -> JSONObject {
      [
        "token": .string(spelling.text), "logprob": .double(value),
        "bytes": .array(spelling.bytes.map { .integer(Int($0)) }),
      ]
    }
    let content = pieces.map { piece -> JSONValue in
      let top = (piece.logarithms?.top ?? []).compactMap { top in
        piece.alternatives[top.token].map { JSONValue.object(entry($0, top.value)) }
      }
      return .object(
        entry(piece.spelling, piece.logarithms?.chosen.value ?? 0).adding(
          "top_logprobs", .array(top)))
    }
    return ["content": .array(content), "refusal": .null]
  }
}
