import Foundation

extension TokenizerFolder {
  /// GPT-2's `vocab.json` and `merges.txt`.
  func gpt2() throws(TokenizerError) -> (Pipeline.Stages, AddedTokenList) {
    let end = "<|endoftext|>"
    let special = try SpecialTokens(self, [.begin: end, .end: end, .unknown: end])
    var (stages, added) = try bytePairs(special)
    var part = TemplatePostProcessor.Part()
    if try bool("add_bos_token", default: false) {
      part.before = [.init(id: added.id(of: special.named[.begin]))]
    }
    if try bool("add_eos_token", default: false) {
      part.after = [.init(id: added.id(of: special.named[.end]))]
    }
    stages.postProcessor = TemplatePostProcessor(single: part, pair: [part, part.of(typeID: 1)])
    return (stages, added)
  }

  /// RoBERTa's files of the same names.
  func roberta() throws(TokenizerError) -> (Pipeline.Stages, AddedTokenList) {
    let special = try SpecialTokens(
      self,
      [
        .begin: "<s>", .end: "</s>", .unknown: "<unk>", .separator: "</s>", .padding: "<pad>",
        .classifier: "<s>", .mask: "<mask>",
      ])
    var (stages, added) = try bytePairs(special)
    let template = TemplatePostProcessor(
      first: added.id(of: special.named[.classifier]),
      lastOfBoth: added.id(of: special.named[.separator]))
    stages.postProcessor = template
    if try bool("trim_offsets", default: true) {
      let adds = try bool("add_prefix_space", default: false)
      stages.postProcessor = PostProcessorSequence(
        stages: [TrimOffsetsPostProcessor(addsPrefixSpace: adds), template])
    }
    return (stages, added)
  }

  private func bytePairs(
    _ special: SpecialTokens
  ) throws(TokenizerError) -> (Pipeline.Stages, AddedTokenList) {
    let (vocabulary, merges) = (file("vocab.json"), file("merges.txt"))
    var builder = BytePairBuilder(file: vocabulary.relativePath)
    try builder.read(vocabulary: 0, of: TokenizerFile.tree(vocabulary))
    var lines = BytePairBuilder(file: merges.relativePath, vocabulary: builder.vocabulary)
    try lines.read(mergeLines: TokenizerFile.read(merges))
    let stages = Pipeline.Stages(
      preTokenizer: ByteLevelPreTokenizer(
        addsPrefixSpace: try bool("add_prefix_space", default: false), splits: true),
      model: try lines.model(isByteLevel: true),
      decoder: ByteLevelDecoder())
    return (stages, special.added(to: builder.vocabulary))
  }
}
