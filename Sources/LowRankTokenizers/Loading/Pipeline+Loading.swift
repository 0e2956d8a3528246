import Foundation

extension Pipeline {
  /// Reads a `tokenizer.json`.
  ///
  /// - Parameter folder: the folder with other files that add tokens; nil to read only the file.
  convenience init(file: URL, in folder: TokenizerFolder? = nil) throws(TokenizerError) {
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
    let own = try root.addedTokens()
    var added = AddedTokenList(own.map(\.token), to: model.vocabulary)
    if let folder {
      let companions = try CompanionTokens(folder, beside: root, listing: own, holding: added)
      added.add(companions.tokens, to: model.vocabulary)
    }
    self.init(stages, added: added)
  }
}
