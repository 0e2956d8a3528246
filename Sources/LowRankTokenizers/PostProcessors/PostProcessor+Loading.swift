extension JSONSection {
  /// The post-processor that this object describes.
  func postProcessor() throws(TokenizerError) -> any PostProcessor {
    let type = try string("type")
    switch type {
    case "Sequence":
      var stages: [any PostProcessor] = []
      for section in try sections("processors") { stages.append(try section.postProcessor()) }
      return PostProcessorSequence(stages: stages)
    case "ByteLevel":
      return PostProcessorSequence(stages: try trimming())
    case "TemplateProcessing":
      return try template()
    case "BertProcessing":
      return TemplatePostProcessor(before: [try marker("cls")], after: [try marker("sep")])
    case "RobertaProcessing":
      let template = TemplatePostProcessor(
        before: [try marker("cls")], after: [try marker("sep")])
      return PostProcessorSequence(stages: try trimming() + [template])
    default:
      throw unsupported("the post-processor \"\(type)\"")
    }
  }

  private func trimming() throws(TokenizerError) -> [any PostProcessor] {
    guard try bool("trim_offsets", default: true) else { return [] }
    return [
      TrimOffsetsPostProcessor(addsPrefixSpace: try bool("add_prefix_space", default: true))
    ]
  }

  /// A pair of a token and its id.
  private func marker(_ key: String) throws(TokenizerError) -> Int32 {
    let pair = try elements(key)
    guard pair.count == 2, let id = tree.integer(pair[1]), id >= 0, id <= Vocabulary.largestID
    else {
      throw mismatch(key, expected: "a token and its id")
    }
    return Int32(id)
  }

  /// The `single` template: special tokens, the text, special tokens.
  private func template() throws(TokenizerError) -> TemplatePostProcessor {
    let tokens = try requiredSection("special_tokens")
    var before: [Int32] = []
    var after: [Int32] = []
    var hasText = false
    for piece in try sections("single") {
      if let sequence = try piece.section("Sequence") {
        guard !hasText, try sequence.string("id") == "A" else {
          throw mismatch("single", expected: "a template with the sequence A once")
        }
        hasText = true
        continue
      }
      let name = try piece.requiredSection("SpecialToken").string("id")
      let token = try tokens.requiredSection(name)
      for node in try token.elements("ids") {
        guard let id = tree.integer(node), id >= 0, id <= Vocabulary.largestID else {
          throw token.mismatch("ids", expected: "a list of token ids")
        }
        if hasText { after.append(Int32(id)) } else { before.append(Int32(id)) }
      }
    }
    guard hasText else { throw mismatch("single", expected: "a template with the sequence A") }
    return TemplatePostProcessor(before: before, after: after)
  }
}
