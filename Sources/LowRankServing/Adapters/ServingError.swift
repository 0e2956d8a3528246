/// Why a request for an adapter or an answer is refused.
public enum ServingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no adapter of this name.
  case unknownAdapter(String)
  /// The adapter's files are refused; the reason names no path of the machine.
  case brokenAdapter(name: String, reason: String)
  /// All adapters that are loaded are in use, and there is no room for another one.
  case noRoomForAdapter(String)
  /// The adapter alone takes more than the budget.
  case adapterTooLarge(String)
  /// The adapters that one request adds up take more than the budget together.
  case mixtureTooLarge
  /// The adapter cannot be added to others, since it is no sum of low-rank terms.
  case cannotMix(String)
  /// So many requests wait that no more are accepted.
  case queueFull
  /// A key has as many requests waiting as it may.
  case tooManyRequests
  /// One request asks for more answers than may wait.
  case tooManyAnswers(Int, limit: Int)
  /// A key has used its tokens of the current minute.
  case rateExceeded(seconds: Int)
  /// The prompt and the answer are longer than the server's sequences.
  case tooLong(tokens: Int, limit: Int)
  /// The prompt alone, in this field of a request, is longer than the server's sequences.
  case promptTooLong(field: String, tokens: Int, limit: Int)
  /// The model's numbers are not finite.
  case notFinite(tokens: Int)
  /// The server is stopping.
  case stopping

  /// One sentence.
  public var description: String {
    switch self {
    case .unknownAdapter(let name): "The model '\(name)' does not exist."
    case .brokenAdapter(let name, let reason): "The adapter '\(name)' cannot be loaded: \(reason)."
    case .noRoomForAdapter(let name):
      "There is no room for the adapter '\(name)' now: all loaded adapters are in use."
    case .adapterTooLarge(let name):
      "The adapter '\(name)' is larger than the memory for adapters."
    case .mixtureTooLarge:
      "The adapters of \"lora\" together are larger than the memory for adapters."
    case .cannotMix(let name): "The adapter '\(name)' cannot be added to others or scaled."
    case .queueFull: "The server has too many requests waiting."
    case .tooManyRequests: "This key has too many requests waiting."
    case .tooManyAnswers(let count, let limit):
      "The request asks for \(count) answers, and at most \(limit) may wait; divide it into several."
    case .rateExceeded(let seconds):
      "This key has used its tokens for now; try again in \(seconds) s."
    case .tooLong(let tokens, let limit):
      "The prompt and the answer need \(tokens) tokens, and the server's limit is \(limit)."
    case .promptTooLong(let field, let tokens, let limit):
      "\"\(field)\" has \(tokens) tokens, and the server's limit is \(limit)."
    case .notFinite(let tokens):
      "The logits after \(tokens) token\(tokens == 1 ? "" : "s") are not finite."
    case .stopping: "The server is stopping."
    }
  }
}
