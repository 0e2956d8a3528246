import Foundation
import LowRank

/// A conversation on the engine, whose adapter may be changed between answers.
public final class ChatSession {
  private let context: ServingContext
  private let engine: ServingEngine
  private var messages: [JSONObject] = []
  private var system: String?
  /// The name of the adapter that answers, or of the base.
  public private(set) var current: String
  /// How tokens are chosen.
  public var rule = SamplingRule.greedy
  /// The most tokens of an answer; as many as there is room for where nil.
  public var maxTokens: Int?

  /// A conversation that has not begun.
  ///
  /// - Throws: what reading the tokenizer throws.
  public init(_ model: Model, _ configuration: ServingConfiguration) throws {
    context = try ServingContext(model, configuration)
    guard let engine = context.engine else {
      preconditionFailure("a conversation needs a model that continues texts")
    }
    self.engine = engine
    current = context.name
  }

  deinit { context.stop() }

  /// The names of the base and the adapters.
  public var names: [String] { [context.name] + context.library.list().map(\.name) }

  /// Lets an adapter, or the base, answer from now on.
  ///
  /// - Throws: ``ServingError`` where there is no such adapter or it cannot be loaded.
  public func use(_ name: String) async throws {
    if name != context.name { _ = try await context.library.lease(name) }
    current = name
  }

  /// Forgets what was said, but for what the system says.
  public func clear() { messages = [] }

  /// What the system says at the beginning; nil for nothing.
  public func setSystem(_ text: String?) { system = text }

  /// Answers a message.
  ///
  /// An answer that is broken off is kept as far as it came.
  /// - Parameter tell: given the text of the answer as it comes.
  /// - Returns: The number of tokens of the answer.
  /// - Throws: ``ServingError``, ``ChatRefusal`` where there is no chat template or it refuses the messages, and
  ///   `CancellationError` where the task was cancelled.
  public func answer(to text: String, tell: (String) throws -> Void) async throws -> Int {
    do {
      return try await answered(text, tell)
    } catch let error as APIError {
      throw ChatRefusal(error.message)
    }
  }

  private func answered(_ text: String, _ tell: (String) throws -> Void) async throws -> Int {
    let fields = RequestFields(["model": .string(current)])
    let model = try await context.model(fields, for: APIKeys.anybody)
    guard model.texts.renderer != nil else { throw ChatRefusal.noTemplate }
    let said = messages + [Conversation.message("user", text)]
    let whole = (system.map { [Conversation.message("system", $0)] } ?? []) + said
    let prompt = try ChatPrompt(
      RequestFields(["messages": .array(whole.map { .object($0) })])
    ).ids(model)
    let room = engine.limits.length - prompt.count
    guard room > 0 else {
      throw ServingError.tooLong(tokens: prompt.count + 1, limit: engine.limits.length)
    }
    var request = GenerationRequest(prompt: prompt, maxTokens: min(maxTokens ?? room, room))
    (request.mix, request.leases, request.rule) = (model.mix, model.leases, rule)
    request.stops = model.texts.stops(inChat: true)
    let ticket = try engine.submit(request)
    defer { ticket.cancel() }
    var reader = AnswerReader(
      ticket, model.texts, prompt: prompt, stops: [], describesTokens: false)
    var answer = ""
    do {
      while let step = try await reader.next() {
        try Task.checkCancellation()
        answer += step.text
        try tell(step.text)
      }
    } catch let error as CancellationError {
      if !answer.isEmpty { messages = said + [Conversation.message("assistant", answer)] }
      throw error
    }
    messages = said + [Conversation.message("assistant", answer)]
    return reader.tokenCount
  }
}

/// Why a message is not answered.
public struct ChatRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// One sentence, which begins with a small letter and has no period.
  public let description: String

  /// The refusal that a sentence says.
  public init(_ sentence: String) {
    let words = sentence.hasSuffix(".") ? sentence.dropLast() : sentence[...]
    description = words.prefix(1).lowercased() + words.dropFirst()
  }

  /// Neither the adapter nor the model says how a conversation is written.
  public static let noTemplate = ChatRefusal(
    "neither the adapter nor the model has a chat template")
}
