import Foundation
import LowRank
import LowRankHub

/// How an adapter is used, for its card: out of its configuration, its tensors, and what training wrote beside it.
enum AdapterUse {
  /// What the card's program needs to know.
  ///
  /// - Throws: `JSONError` or `AdapterError` if what the adapter says of its task is broken.
  static func use(of adapter: PushedAdapter) throws -> ModelCard.Use {
    var use = ModelCard.Use(try kind(of: adapter))
    use.hasTokenizer = adapter.hasTokenizer
    use.vocabularySize = embeddingRows(of: adapter.folder)
    let config = adapter.baseFolder.flatMap {
      try? ModelFolder.config(at: $0)
    }
    if let positions = config?["n_positions"]?.integer
      ?? config?["max_position_embeddings"]?.integer
    {
      // Room for the prompt.
      use.newTokens = max(1, min(use.newTokens, positions / 2))
    }
    // Types tell the texts of a pair apart, for encoders; the head of decoders is called `score` in transformers.
    if case .classifier(let classes) = use.kind, classes.textCount > 1,
      adapter.folder.file["base_model.model.score.weight"] == nil
    {
      use.tokenTypes = config.map { ($0["type_vocab_size"]?.integer ?? 0) > 1 }
    }
    return use
  }

  private static func kind(of adapter: PushedAdapter) throws -> ModelCard.Use.Kind {
    let folder = adapter.folder
    let isChat = AdapterFolder.template(in: folder.url) != nil
    switch try folder.head {
    case .classifier(let classification?):
      var classes = ModelCard.Use.Classes(
        classification.labels, problem: classification.problem.rawValue,
        areNamed: !classification.isUnnamed)
      if let columns = folder.task?["text_columns"]?.array { classes.textCount = columns.count }
      classes.areOfImages = folder.config["task_type"]?.string != "SEQ_CLS"
      classes.maxLength = folder.task?["max_seq_length"]?.integer
      let named = architectures(of: adapter).filter(ModelHead.isClassifierOfImages)
      if let name = classification.className, !named.isEmpty, !named.contains(name) {
        classes.modelClass = name
      }
      return .classifier(classes)
    case .causal: return isChat ? .chat : .causal
    default:
      let isBare = architectures(of: adapter).first.map { !$0.contains("For") } ?? false
      return isBare ? .other : isChat ? .chat : .causal
    }
  }

  /// The classes of transformers that the base's configuration names.
  private static func architectures(of adapter: PushedAdapter) -> [String] {
    let config = adapter.baseFolder.flatMap { try? ModelFolder.config(at: $0) }
    return config?["architectures"]?.array?.compactMap(\.string) ?? []
  }

  /// The rows of embeddings, or of a head, that the adapter holds whole.
  private static func embeddingRows(of folder: AdapterFolder) -> Int? {
    let names = ["embed_tokens", "wte", "word_embeddings", "tok_embeddings", "lm_head"]
    let endings = names.flatMap { [".\($0).weight", ".\($0).base_layer.weight"] }
    return folder.file.tensors.first { tensor in
      tensor.shape.extents.count == 2 && endings.contains { tensor.name.hasSuffix($0) }
    }?.shape[0]
  }

  /// The tokens of which single embeddings are trained, with their texts if a tokenizer is at hand.
  static func trainedTokens(
    of adapter: PushedAdapter, _ configuration: AdapterConfiguration
  ) -> [ModelCard.Token] {
    guard let tokens = configuration.trainedTokens?.tokens, !tokens.isEmpty else { return [] }
    let folder = adapter.hasTokenizer ? adapter.folder.url : adapter.baseFolder
    let tokenizer = folder.flatMap { try? Tokenizer(model: $0) }
    return Set(tokens).sorted().map { id in
      ModelCard.Token(id, tokenizer?.token(of: Int32(truncatingIfNeeded: id)))
    }
  }
}
