import LowRank
import LowRankSessions

/// What a merged model is compared on: texts of several kinds, or random tokens where no tokenizer is to be had; random
/// images, if the model reads images.
struct MergeSamples {
  enum Source: String {
    case texts = "sample texts"
    case tokens = "random tokens"
    case images = "random images"

    /// What a number of tokens is compared over.
    func counted(_ count: Int) -> String {
      self == .texts ? "\(count) tokens of sample texts" : "\(count) \(rawValue)"
    }
  }

  let ids: [[Int32]]
  let source: Source

  init(for model: Model, seed: UInt64) {
    if let input = model.architecture.backbone.imageInput {
      // The numbers of the places; the patches of each sample are random.
      ids = (0..<4).map { _ in (0..<Int32(input.places)).map { $0 } }
      source = .images
      return
    }
    let vocabulary = model.architecture.vocabularySize
    let length = min(64, model.architecture.positions)
    if model.folder != nil, let tokenizer = try? model.tokenizer {
      let encoded = Self.texts.map { Array(tokenizer.encode($0).ids.prefix(length)) }
        .filter { !$0.isEmpty }
      // A tokenizer that knows more than the model belongs to another one.
      if !encoded.isEmpty, encoded.joined().allSatisfy({ Int($0) < vocabulary }) {
        (ids, source) = (encoded, .texts)
        return
      }
    }
    var random = Philox(key: seed)
    ids = (0..<4).map { _ in
      (0..<length).map { _ in Int32(random.integer(below: vocabulary)) }
    }
    source = .tokens
  }

  private static let texts = [
    "The harbour was quiet in the morning. Two boats had come back early, and nobody on the quay "
      + "asked how the night had been.",
    "Question: How many days are there in three weeks?\nAnswer: There are twenty-one days.",
    "def mean(values):\n    return sum(values) / len(values)\n\nprint(mean([1, 2, 3.5]))\n",
    "Le train de huit heures est parti sans elle; il pleuvait, et la gare était vide.",
    "name: The Mill, food: Italian, price: 20-25, rating: 4 of 5\n",
  ]
}
