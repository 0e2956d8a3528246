extension GGUFVocabulary {
  /// A `tokenizer_config.json` for transformers that belongs to `tokenizerJSON()`.
  ///
  /// The named tokens are those that `tokenizerJSON()` lists as special ones. A vocabulary that is refused has none.
  public func tokenizerConfig(chatTemplate: String?) -> [UInt8] {
    let list = try? GGUFTokenList(self)
    var writer = JSONWriter()
    writer.raw("{\n  \"tokenizer_class\": \"PreTrainedTokenizerFast\"")
    for (key, role, text) in [
      ("bos_token", Role.begin, "<s>"), ("eos_token", .end, "</s>"),
      ("unk_token", .unknown, "<unk>"),
      ("pad_token", .padding, nil), ("sep_token", .separator, nil), ("mask_token", .mask, nil),
    ] {
      writer.raw(",\n  ")
      writer.key(key)
      if let token = list?.special(id(of: role), default: text) {
        writer.string(token)
      } else {
        // Without the key, classes of transformers add a token of their own.
        writer.raw("null")
      }
    }
    writer.raw(",\n  \"add_bos_token\": \(list?.begin != nil)")
    writer.raw(",\n  \"add_eos_token\": \(list?.end != nil)")
    writer.raw(",\n  \"clean_up_tokenization_spaces\": false")
    if let chatTemplate {
      writer.raw(",\n  ")
      writer.key("chat_template")
      writer.string(chatTemplate.utf8)
    }
    writer.raw("\n}\n")
    return writer.bytes
  }
}

extension GGUFTokenList {
  /// The text of a special token, or of the one that SentencePiece's files name by default.
  fileprivate func special(_ id: Int32?, default text: String?) -> [UInt8]? {
    var id = id
    if id == nil, case .sentencePiece = kind, let text { id = vocabulary.id(of: text.utf8) }
    guard let id else { return nil }
    return added.first { $0.id == id && $0.token.isSpecial }?.token.content
  }
}
