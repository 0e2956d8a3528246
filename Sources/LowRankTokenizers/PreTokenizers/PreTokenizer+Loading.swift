extension JSONSection {
  /// The stages that this object describes, and whether the model's words are bytes after them.
  func preTokenizer() throws(TokenizerError) -> (stage: any PreTokenizer, isByteLevel: Bool) {
    var stages = try preTokenizers()
    for index in stages.indices.dropLast() {
      guard var stage = stages[index] as? ByteLevelPreTokenizer else { continue }
      stage.writesCharacters = true
      stages[index] = stage
    }
    return (PreTokenizerSequence(stages: stages), stages.last is ByteLevelPreTokenizer)
  }

  private func preTokenizers() throws(TokenizerError) -> [any PreTokenizer] {
    let type = try string("type")
    switch type {
    case "Sequence":
      var stages: [any PreTokenizer] = []
      for section in try sections("pretokenizers") { stages += try section.preTokenizers() }
      return stages
    case "ByteLevel":
      return [
        ByteLevelPreTokenizer(
          addsPrefixSpace: try bool("add_prefix_space", default: true),
          splits: try bool("use_regex", default: true))
      ]
    case "Split":
      return [
        SplitPreTokenizer(
          pattern: try pattern(),
          behavior: try choice("behavior", default: SplitBehavior.isolated),
          inverted: try bool("invert", default: false))
      ]
    case "Metaspace":
      return [
        MetaspacePreTokenizer(
          replacement: try metaspace(), prepend: try prependScheme(),
          splits: try bool("split", default: true))
      ]
    case "Whitespace":
      return [SplitPreTokenizer.whitespace]
    case "WhitespaceSplit":
      return [SplitPreTokenizer.whitespaceSplit]
    case "BertPreTokenizer":
      return SplitPreTokenizer.bert
    case "Digits":
      return [.digits(individual: try bool("individual_digits", default: false))]
        as [SplitPreTokenizer]
    case "Punctuation":
      return [.punctuation(try choice("behavior", default: .isolated))] as [SplitPreTokenizer]
    default:
      throw unsupported("the pre-tokenizer \"\(type)\"")
    }
  }

  /// The visible character that stands for a space.
  func metaspace() throws(TokenizerError) -> [UInt8] {
    let replacement = try bytes("replacement")
    guard let first = replacement.first,
      replacement.count == UTF8Text.length(startingWith: first)
    else { throw mismatch("replacement", expected: "one character") }
    return replacement
  }

  /// Older files say `add_prefix_space` instead of `prepend_scheme`.
  func prependScheme() throws(TokenizerError) -> MetaspacePreTokenizer.PrependScheme {
    let adds = try bool("add_prefix_space", default: true)
    let scheme = try choice(
      "prepend_scheme", default: adds ? MetaspacePreTokenizer.PrependScheme.always : .never)
    guard adds || scheme == .never else {
      throw mismatch("prepend_scheme", expected: "\"never\" where add_prefix_space is false")
    }
    return scheme
  }
}
