import Foundation

extension Pipeline {
  /// Reads a `tokenizer.json`.
  convenience init(file: URL) throws(TokenizerError) {
    let root = try TokenizerFile.object(file)
    let preTokenizer = try root.section("pre_tokenizer")?.preTokenizer()
    let model = try root.requiredSection("model")
      .model(isByteLevel: preTokenizer?.isByteLevel ?? false)
    let stages = Stages(
      normalizer: try root.section("normalizer")?.normalizer(),
      preTokenizer: preTokenizer?.stage,
      model: model,
      postProcessor: try root.section("post_processor")?.postProcessor(),
      decoder: try root.section("decoder")?.decoder())
    self.init(stages, added: try root.addedTokens(model.vocabulary))
  }
}
