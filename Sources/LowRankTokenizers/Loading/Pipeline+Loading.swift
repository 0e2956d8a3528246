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

  /// Reads GPT-2's own pair of files.
  convenience init(vocabulary: URL, merges: URL) throws(TokenizerError) {
    try Self.checkClass(beside: vocabulary)
    var builder = BytePairBuilder(file: vocabulary.relativePath)
    try builder.read(vocabulary: 0, of: TokenizerFile.tree(vocabulary))
    var lines = BytePairBuilder(file: merges.relativePath, vocabulary: builder.vocabulary)
    try lines.read(mergeLines: TokenizerFile.read(merges))
    let stages = Stages(
      preTokenizer: ByteLevelPreTokenizer(addsPrefixSpace: false, splits: true),
      model: try lines.model(isByteLevel: true),
      decoder: ByteLevelDecoder())
    let end = "<|endoftext|>"
    let added = builder.vocabulary.id(of: end.utf8).map {
      AddedToken(
        id: $0, content: end, isSpecial: true, isSingleWord: false, stripsLeft: false,
        stripsRight: false, isNormalized: false)
    }
    self.init(stages, added: added.map { [$0] } ?? [])
  }

  /// Other models' files have the same names, and their words differ.
  private static func checkClass(beside vocabulary: URL) throws(TokenizerError) {
    let file = vocabulary.deletingLastPathComponent()
      .appendingPathComponent("tokenizer_config.json")
    guard FileManager.default.fileExists(atPath: file.path),
      let name = try TokenizerFile.object(file).optionalString("tokenizer_class")
    else { return }
    guard ["GPT2Tokenizer", "GPT2TokenizerFast"].contains(name) else {
      throw .unsupported(
        file: file.relativePath, feature: "the tokenizer class \(name) without a tokenizer.json")
    }
  }
}
