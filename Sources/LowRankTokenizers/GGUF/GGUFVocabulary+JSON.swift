extension GGUFVocabulary {
  /// A `tokenizer.json` for PyPI `tokenizers`, transformers and `Tokenizer(file:)`, with the ids of
  /// `Tokenizer(_ vocabulary:)`.
  ///
  /// - Throws: `TokenizerError` for the reasons for which there is no tokenizer.
  public func tokenizerJSON() throws(TokenizerError) -> [UInt8] {
    let list = try GGUFTokenList(self)
    let builder = try list.bytePairs(self)
    // Whatever the tokenizer is refused for, the file is, too.
    _ = try list.pipeline(builder)
    return list.json(merges: builder.pairs)
  }
}

extension GGUFTokenList {
  fileprivate func json(merges: [(left: Int32, right: Int32)]) -> [UInt8] {
    var writer = JSONWriter(capacity: 32 * (tokens.count + merges.count))
    writer.raw("{\n\"version\": \"1.0\",\n\"truncation\": null,\n\"padding\": null,\n")
    writer.raw("\"added_tokens\": [\n")
    writer.list(added, separator: ",\n") { writer, added in
      writer.raw("{\"id\": \(added.id), \"content\": ")
      writer.string(added.token.content)
      writer.raw(
        ", \"single_word\": false, \"lstrip\": false, \"rstrip\": \(added.token.stripsRight)")
      writer.raw(", \"normalized\": false, \"special\": \(added.token.isSpecial)}")
    }
    writer.raw("\n],\n")
    for (key, value) in [
      ("normalizer", normalizer), ("pre_tokenizer", preTokenizer), ("post_processor", template),
      ("decoder", decoder),
    ] {
      writer.key(key)
      writer.raw(value + ",\n")
    }
    writer.raw("\"model\": {\"type\": \"BPE\", \"dropout\": null, \"unk_token\": ")
    if let unknownText, case .sentencePiece = kind {
      writer.string(unknownText)
    } else {
      writer.raw("null")
    }
    writer.raw(", \"continuing_subword_prefix\": null, \"end_of_word_suffix\": null, " + modelFlags)
    writer.raw(", \"vocab\": {\n")
    writer.list(tokens.indices, separator: ",\n") { writer, id in
      writer.string(tokens[id].utf8)
      writer.raw(": \(id)")
    }
    writer.raw("\n}, \"merges\": [\n")
    writer.list(merges, separator: ",\n") { writer, pair in
      writer.raw("[")
      writer.string(tokens[Int(pair.left)].utf8)
      writer.raw(", ")
      writer.string(tokens[Int(pair.right)].utf8)
      writer.raw("]")
    }
    writer.raw("\n]}\n}\n")
    return writer.bytes
  }

  private var modelFlags: String {
    let (falls, ignores) =
      switch kind {
      case .sentencePiece: (true, false)
      case .byteLevel(let words): (false, words.ignoresMerges)
      }
    return "\"fuse_unk\": \(falls), \"byte_fallback\": \(falls), \"ignore_merges\": \(ignores)"
  }

  private var normalizer: String {
    let spaces = ##"{"type": "Replace", "pattern": {"String": " "}, "content": "▁"}"##
    switch kind {
    case .sentencePiece(addsSpacePrefix: true):
      return
        #"{"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, \#(spaces)]}"#
    case .sentencePiece: return spaces
    case .byteLevel(let words): return words.isNFC ? #"{"type": "NFC"}"# : "null"
    }
  }

  private var preTokenizer: String {
    guard case .byteLevel(let words) = kind else { return "null" }
    func bytes(splits: Bool) -> String {
      #"{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "#
        + "\"use_regex\": \(splits)}"
    }
    var stages: [String] = []
    if words.separatesNumerals { stages.append(#"{"type": "Digits", "individual_digits": true}"#) }
    if let expression = words.expression {
      let pattern = JSONWriter.quoted(expression)
      stages.append(
        #"{"type": "Split", "pattern": {"Regex": \#(pattern)}, "behavior": "Isolated", "#
          + #""invert": false}"#)
    }
    stages.append(bytes(splits: words.expression == nil))
    guard stages.count > 1 else { return stages[0] }
    return #"{"type": "Sequence", "pretokenizers": [\#(stages.joined(separator: ", "))]}"#
  }

  private var template: String {
    guard begin != nil || end != nil else { return "null" }
    func special(_ id: Int32?, _ type: Int) -> [String] {
      id.map { id in
        let text = JSONWriter.quoted(tokens[Int(id)])
        return [#"{"SpecialToken": {"id": \#(text), "type_id": \#(type)}}"#]
      } ?? []
    }
    func part(_ name: String, _ type: Int) -> [String] {
      special(begin, type) + [#"{"Sequence": {"id": "\#(name)", "type_id": \#(type)}}"#]
        + special(end, type)
    }
    let used = Set([begin, end].compactMap { $0 }).sorted().map { id in
      let text = JSONWriter.quoted(tokens[Int(id)])
      return #"\#(text): {"id": \#(text), "ids": [\#(id)], "tokens": [\#(text)]}"#
    }
    let single = part("A", 0)
    return #"{"type": "TemplateProcessing", "single": [\#(single.joined(separator: ", "))], "#
      + #""pair": [\#((single + part("B", 1)).joined(separator: ", "))], "#
      + #""special_tokens": {\#(used.joined(separator: ", "))}}"#
  }

  private var decoder: String {
    guard case .sentencePiece(let addsSpacePrefix) = kind else {
      return #"{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "#
        + #""use_regex": true}"#
    }
    let strip =
      addsSpacePrefix ? #", {"type": "Strip", "content": " ", "start": 1, "stop": 0}"# : ""
    return #"{"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "#
      + #""content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}\#(strip)]}"#
  }
}
