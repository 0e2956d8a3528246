import LowRankServing

extension ServingError {
  /// What `lowrank chat` says of it: a sentence for whoever sits at the terminal, where nobody serves or waits.
  var inChat: String {
    switch self {
    case .unknownAdapter(let name): "there is no adapter \(name); /adapters lists those there are"
    case .brokenAdapter(let name, let reason): "the adapter \(name) cannot be loaded: \(reason)"
    case .adapterTooLarge(let name), .noRoomForAdapter(let name):
      "the adapter \(name) has no room in --adapter-memory; give it more"
    case .tooLong(let tokens, let limit):
      "what was said and an answer need \(tokens) tokens, and there is room for \(limit) (--max-length); /clear forgets what was said"
    case .notFinite:
      "the numbers of the model are not finite after this message; another adapter or --precision f32 may do better"
    case .mixtureTooLarge, .cannotMix, .tooManyAnswers, .promptTooLong, .queueFull,
      .tooManyRequests, .rateExceeded, .stopping:
      description
    }
  }
}
