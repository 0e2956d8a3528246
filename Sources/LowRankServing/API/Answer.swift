import LowRank

/// An answer as it is gathered from the engine.
struct Answer: Sendable {
  /// A token with what it stands for and its logarithms.
  struct Piece: Sendable {
    let token: Int32
    let spelling: TokenText
    let logarithms: LogProbabilities?
    /// Where it stands in the text of the answer, in unicode scalars; 0 for tokens of prompts.
    var place: Int
    /// What the likeliest tokens in its place stand for.
    var alternatives: [Int32: TokenText] = [:]

    /// A token behind another one.
    init(
      _ token: Int32, after previous: Int32?, at place: Int = 0, _ logarithms: LogProbabilities?,
      _ texts: ServedTexts
    ) {
      (self.token, self.logarithms, self.place) = (token, logarithms, place)
      spelling = texts.spelling(of: token, after: previous)
      for entry in logarithms?.top ?? [] {
        alternatives[entry.token] = texts.spelling(of: entry.token, after: previous)
      }
    }
  }

  /// The text so far.
  var text = ""
  /// The tokens so far.
  var pieces: [Piece] = []
  /// The prompt's tokens with their logarithms, where they were asked for.
  var prompt: [Piece] = []
  /// Why it ended.
  var reason: FinishReason?
}

/// What an answer grows by.
struct AnswerStep: Sendable {
  let text: String
  let pieces: [Answer.Piece]
  let reason: FinishReason?
}

/// Turns the engine's events into texts.
struct AnswerReader {
  private let texts: ServedTexts
  private let prompt: [Int32]
  private var text: AnswerText
  private var places: TokenPlaces
  private var previous: Int32?
  private let ticket: GenerationTicket
  private let describesTokens: Bool
  private let describesEnd: Bool
  /// The token that ended the answer, where it is described.
  private var end: [Answer.Piece] = []
  private var events: AsyncStream<GenerationEvent>.Iterator
  private var isOver = false
  /// The prompt's tokens with their logarithms, once they are known.
  private(set) var promptPieces: [Answer.Piece] = []
  /// The number of tokens that were added.
  private(set) var tokenCount = 0

  init(
    _ ticket: GenerationTicket, _ texts: ServedTexts, prompt: [Int32], stops: [String],
    describesTokens: Bool, describesEnd: Bool = false
  ) {
    (self.ticket, self.texts, self.prompt) = (ticket, texts, prompt)
    (self.describesTokens, self.describesEnd) = (describesTokens, describesEnd)
    text = AnswerText(texts, after: prompt, stops: stops)
    places = TokenPlaces(texts.tokenizer, after: prompt)
    previous = prompt.last
    events = ticket.events.makeAsyncIterator()
  }

  /// The next part of the answer; nil behind its end.
  ///
  /// - Throws: ``ServingError`` where the engine gave up.
  mutating func next() async throws -> AnswerStep? {
    guard !isOver else { return nil }
    while let event = await events.next() {
      switch event {
      case .prompt(let entries):
        promptPieces = prompt.indices.map { index in
          Answer.Piece(
            prompt[index], after: index > 0 ? prompt[index - 1] : nil, entries[index], texts)
        }
      case .token(let token, let logarithms):
        tokenCount += 1
        let more = text.append(token)
        let pieces =
          describesTokens
          ? [Answer.Piece(token, after: previous, at: places.append(token), logarithms, texts)] : []
        previous = token
        if text.isStopped {
          isOver = true
          ticket.finish()
          return AnswerStep(text: more, pieces: pieces, reason: .stop)
        }
        return AnswerStep(text: more, pieces: pieces, reason: nil)
      case .end(let token, let logarithms):
        guard describesEnd else { break }
        end = [Answer.Piece(token, after: previous, at: places.append(token), logarithms, texts)]
      case .finished(let reason):
        isOver = true
        let rest = text.finish()
        return AnswerStep(text: rest, pieces: end, reason: text.isStopped ? .stop : reason)
      case .failed(let error): throw error
      }
    }
    // The stream ends without a last event where the request was given up.
    throw CancellationError()
  }

  /// The whole answer; tokens of a text that stops it stand at its end.
  ///
  /// - Throws: as ``next()``.
  mutating func whole() async throws -> Answer {
    var answer = Answer()
    while let step = try await next() {
      answer.text += step.text
      answer.pieces += step.pieces
      answer.reason = step.reason ?? answer.reason
    }
    let end = answer.text.unicodeScalars.count
    for index in answer.pieces.indices {
      answer.pieces[index].place = min(answer.pieces[index].place, end)
    }
    answer.prompt = promptPieces
    return answer
  }
}
