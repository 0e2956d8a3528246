import Foundation
import LowRank
import LowRankHTTP

/// The sequences of one request, submitted and followed together.
struct GenerationJob: Sendable {
  /// One answer to be made.
  struct Choice: Sendable {
    let prompt: [Int32]
    let ticket: GenerationTicket
  }

  let choices: [Choice]
  let model: ServedModel
  let stops: [String]
  let describesTokens: Bool
  /// Whether the token that ends an answer is described too: completions have it, so that their lists have as many entries as
  /// tokens were computed; chats have not.
  let describesEnd: Bool

  /// Submits a sequence for each prompt and answer.
  ///
  /// - Throws: ``ServingError``; nothing is left behind then.
  init(
    _ prompts: [[Int32]], _ model: ServedModel, _ fields: SamplingFields, inChat: Bool,
    maxTokens: Int?, topCount: Int?, promptTopCount: Int? = nil, key: APIKeys.Key,
    in context: ServingContext, _ engine: ServingEngine
  ) throws(ServingError) {
    try context.rates.check(key)
    let rates = context.rates
    var requests: [GenerationRequest] = []
    let ends = fields.ignoresEnd ? [] : model.texts.stops(inChat: inChat)
    for prompt in prompts {
      let room = engine.limits.length - prompt.count
      guard room >= 0 else {
        throw .promptTooLong(
          field: inChat ? "messages" : "prompt", tokens: prompt.count, limit: engine.limits.length)
      }
      for index in 0..<fields.count {
        var request = GenerationRequest(prompt: prompt, maxTokens: maxTokens ?? room)
        (request.mix, request.leases, request.tenant) = (model.mix, model.leases, key.name)
        request.rule = fields.rule(ofAnswer: index)
        request.stops = ends.union(fields.stopTokens)
        (request.topCount, request.promptTopCount) = (topCount, promptTopCount)
        // Also what a client that leaves does not read.
        request.counter = { rates.use(1, by: key) }
        requests.append(request)
      }
    }
    choices = zip(requests, try engine.submit(requests)).map {
      Choice(prompt: $0.prompt, ticket: $1)
    }
    (self.model, stops) = (model, fields.stops)
    (describesTokens, describesEnd) = (topCount != nil, topCount != nil && !inChat)
    rates.use(prompts.reduce(0) { $0 + $1.count }, by: key)
  }

  /// The number of tokens of all prompts.
  func promptTokens(answersEach count: Int) -> Int {
    choices.reduce(0) { $0 + $1.prompt.count } / max(1, count)
  }

  /// Gives all answers up.
  func cancel() {
    for choice in choices { choice.ticket.cancel() }
  }

  func reader(of choice: Choice) -> AnswerReader {
    AnswerReader(
      choice.ticket, model.texts, prompt: choice.prompt, stops: stops,
      describesTokens: describesTokens, describesEnd: describesEnd)
  }

  /// All answers in order, and the number of tokens that were added.
  ///
  /// - Throws: ``ServingError``, or `CancellationError` where the client left.
  func answers() async throws -> (answers: [Answer], tokens: Int) {
    try await withTaskCancellationHandler {
      var (answers, tokens): ([Answer], Int) = ([], 0)
      do {
        for choice in choices {
          var reader = reader(of: choice)
          answers.append(try await reader.whole())
          tokens += reader.tokenCount
        }
      } catch {
        cancel()
        throw error
      }
      return (answers, tokens)
    } onCancel: {
      cancel()
    }
  }

  /// Follows all answers at once.
  ///
  /// - Parameter tell: given the index of a choice, its reader and what it grew by, one after the other.
  /// - Returns: The number of tokens that were added.
  func follow(
    _ tell: @escaping @Sendable (Int, AnswerReader, AnswerStep) async throws -> Void
  ) async throws -> Int {
    try await withTaskCancellationHandler {
      try await withThrowingTaskGroup(of: Int.self) { group in
        for (index, choice) in choices.enumerated() {
          group.addTask {
            var reader = reader(of: choice)
            while let step = try await reader.next() { try await tell(index, reader, step) }
            return reader.tokenCount
          }
        }
        do {
          var tokens = 0
          for try await count in group { tokens += count }
          return tokens
        } catch {
          cancel()
          throw error
        }
      }
    } onCancel: {
      cancel()
    }
  }
}

/// Events that answers are streamed as.
enum AnswerStream {
  /// A stream of JSON objects that ends with `[DONE]`.
  ///
  /// A fault of the engine after the first event is told as an object with `error`.
  static func response(
    _ tell: @escaping @Sendable (EventWriter) async throws -> Void
  ) -> HTTPResponse {
    HTTPResponse.events(isEndless: false, heartbeat: .seconds(15)) { writer in
      do {
        try await tell(writer)
      } catch let error as ServingError {
        try await send(APIError(error).json, to: writer)
      }
      try await writer.send(.event(name: nil, id: nil, data: Data("[DONE]".utf8)))
    }
  }

  static func send(_ value: JSONValue, to writer: EventWriter) async throws {
    try await writer.send(.event(name: nil, id: nil, data: Data(value.bytes())))
  }
}

/// The counts at the end of an answer.
enum Usage {
  static func json(prompt: Int, added: Int? = nil) -> JSONValue {
    var usage: JSONObject = ["prompt_tokens": .integer(prompt)]
    if let added { usage["completion_tokens"] = .integer(added) }
    usage["total_tokens"] = .integer(prompt + (added ?? 0))
    return .object(usage)
  }
}
