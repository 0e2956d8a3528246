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
      return TemplatePostProcessor(first: try marker("cls"), last: try marker("sep"))
    case "RobertaProcessing":
      let template = TemplatePostProcessor(
        first: try marker("cls"), lastOfBoth: try marker("sep"))
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

  private func template() throws(TokenizerError) -> TemplatePostProcessor {
    let single = try parts("single", ["A"])
    let pair =
      value("pair") == nil ? [.init(), .init(typeID: 1)] : try parts("pair", ["A", "B"])
    return TemplatePostProcessor(single: single[0], pair: pair)
  }

  /// The special tokens around the sequences of a template, which must come in this order.
  private func parts(
    _ key: String, _ sequences: [String]
  ) throws(TokenizerError) -> [TemplatePostProcessor.Part] {
    let names = sequences.joined(separator: " and ")
    let expected = "a template with the sequence \(names) once"
    let tokens = try requiredSection("special_tokens")
    var parts: [TemplatePostProcessor.Part] = []
    var leading: [TemplatePostProcessor.Token] = []
    for piece in try sections(key) {
      if let sequence = try piece.section("Sequence") {
        guard parts.count < sequences.count, try sequence.string("id") == sequences[parts.count]
        else { throw mismatch(key, expected: expected) }
        parts.append(.init(before: leading, typeID: try sequence.typeID()))
        leading = []
        continue
      }
      let special = try piece.requiredSection("SpecialToken")
      let token = try tokens.requiredSection(special.string("id"))
      let typeID = try special.typeID()
      for node in try token.elements("ids") {
        guard let id = tree.integer(node), id >= 0, id <= Vocabulary.largestID else {
          throw token.mismatch("ids", expected: "a list of token ids")
        }
        if parts.isEmpty {
          leading.append(.init(id: Int32(id), typeID: typeID))
        } else {
          parts[parts.count - 1].after.append(.init(id: Int32(id), typeID: typeID))
        }
      }
    }
    guard parts.count == sequences.count else { throw mismatch(key, expected: expected) }
    return parts
  }

  private func typeID() throws(TokenizerError) -> Int32 {
    value("type_id") == nil ? 0 : try id("type_id")
  }
}
