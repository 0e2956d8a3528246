import Foundation
import LowRank
import LowRankHTTP
import Synchronization

/// `POST /v1/completions`: continues prompts.
struct CompletionEndpoint: Sendable {
  let context: ServingContext
  let engine: ServingEngine

  /// The fields that only completions have.
  private struct Extras: Sendable {
    let echoes: Bool
    let topCount: Int?
    let maxTokens: Int
    let isStreamed: Bool
    let includesUsage: Bool
    let answersEach: Int
    let prompts: [EchoedPrompt]

    /// The prompt of an answer, where it is a part of the text.
    func prompt(ofAnswer index: Int) -> EchoedPrompt? {
      echoes ? prompts[index / answersEach] : nil
    }
  }

  func respond(_ request: HTTPRequest, key: APIKeys.Key) async throws -> HTTPResponse {
    let fields = try await RequestFields(
      of: request, upTo: context.bodyLimit, among: KnownFields.completion)
    let model = try await context.model(fields, for: key)
    let sampling = try SamplingFields(fields, vocabulary: model.vocabulary)
    if let suffix = try fields.optionalString("suffix"), !suffix.isEmpty {
      throw APIError.invalid("suffix", "\"suffix\" is not supported.")
    }
    try fields.requireTextFormat()
    let echoes = try fields.bool("echo", default: false)
    let special = try fields.bool("add_special_tokens", default: true)
    let prompts = try PromptField.read("prompt", of: fields)
    let ids = try prompts.map {
      try $0.ids(
        model.texts, vocabulary: model.vocabulary, key: "prompt", addingSpecialTokens: special)
    }
    let topCount = try fields.integer("logprobs", in: 0...100)
    let maxTokens = try fields.integer("max_tokens", in: 0...Int.max) ?? 16
    let extras = Extras(
      echoes: echoes, topCount: topCount, maxTokens: maxTokens, isStreamed: sampling.isStreamed,
      includesUsage: sampling.includesUsage, answersEach: sampling.count,
      prompts: echoes
        ? zip(prompts, ids).map { prompt, ids in
          EchoedPrompt(prompt, ids, model.texts, addingSpecialTokens: special)
        } : [])
    let job = try GenerationJob(
      ids, model, sampling, inChat: false, maxTokens: maxTokens, topCount: topCount,
      promptTopCount: echoes ? topCount : nil, key: key, in: context, engine)
    let id = "cmpl-\(UUID().uuidString.lowercased())"
    if sampling.isStreamed { return stream(job, extras, id: id) }
    let (answers, tokens) = try await request.whileClientStays { try await job.answers() }
    let choices = answers.enumerated().map { index, answer in
      choice(index, answer, extras)
    }
    return APIResponse.json(
      .object(
        header(id, model.id, choices).adding(
          "usage",
          Usage.json(prompt: job.promptTokens(answersEach: extras.answersEach), added: tokens))))
  }

  private func header(_ id: String, _ model: String, _ choices: [JSONValue]) -> JSONObject {
    [
      "id": .string(id), "object": "text_completion",
      "created": .integer(Int(Date().timeIntervalSince1970)), "model": .string(model),
      "choices": .array(choices),
    ]
  }

  private func choice(_ index: Int, _ answer: Answer, _ extras: Extras) -> JSONValue {
    let prompt = extras.prompt(ofAnswer: index)
    var logarithms = CompletionLogarithms(top: extras.topCount)
    if let prompt { logarithms.add(answer.prompt, of: prompt) }
    if prompt == nil || extras.maxTokens > 0 { logarithms.add(answer.pieces, behind: prompt) }
    return [
      "index": .integer(index), "text": .string((prompt?.text ?? "") + answer.text),
      "logprobs": logarithms.json,
      "finish_reason": answer.reason.map { .string($0.rawValue) } ?? .null,
    ]
  }

  private func stream(_ job: GenerationJob, _ extras: Extras, id: String) -> HTTPResponse {
    AnswerStream.response { writer in
      let begun = Mutex<Set<Int>>([])
      let tokens = try await job.follow { index, reader, step in
        var text = step.text
        var logarithms = CompletionLogarithms(top: extras.topCount)
        let prompt = extras.prompt(ofAnswer: index)
        if let prompt, begun.withLock({ $0.insert(index).inserted }) {
          text = prompt.text + text
          logarithms.add(reader.promptPieces, of: prompt)
        }
        logarithms.add(step.pieces, behind: prompt)
        guard !text.isEmpty || step.reason != nil || !step.pieces.isEmpty else { return }
        let choice: JSONValue = [
          "index": .integer(index), "text": .string(text), "logprobs": logarithms.json,
          "finish_reason": step.reason.map { .string($0.rawValue) } ?? .null,
        ]
        try await AnswerStream.send(.object(header(id, job.model.id, [choice])), to: writer)
      }
      if extras.includesUsage {
        let usage = Usage.json(
          prompt: job.promptTokens(answersEach: extras.answersEach), added: tokens)
        try await AnswerStream.send(
          .object(header(id, job.model.id, []).adding("usage", usage)), to: writer)
      }
    }
  }
}

extension JSONObject {
  /// The object with one more value.
  func adding(_ key: String, _ value: JSONValue) -> JSONObject {
    var object = self
    object[key] = value
    return object
  }
}
