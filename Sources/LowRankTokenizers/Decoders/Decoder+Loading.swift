extension JSONSection {
  /// The decoder that this object describes.
  func decoder() throws(TokenizerError) -> any Decoder {
    let type = try string("type")
    switch type {
    case "Sequence":
      var stages: [any Decoder] = []
      for section in try sections("decoders") { stages.append(try section.decoder()) }
      return DecoderSequence(stages: stages)
    case "ByteLevel":
      return ByteLevelDecoder()
    case "ByteFallback":
      return ByteFallbackDecoder()
    case "Fuse":
      return FuseDecoder()
    case "Replace":
      return ReplaceDecoder(pattern: try pattern(), content: try replacement())
    case "Strip":
      return StripDecoder(
        content: try bytes("content"), start: try integer("start"), stop: try integer("stop"))
    case "Metaspace":
      return MetaspaceDecoder(
        replacement: try metaspace(), dropsFirst: try prependScheme() != .never)
    case "WordPiece":
      return WordPieceDecoder(
        prefix: try bytes("prefix"), cleansUp: try bool("cleanup", default: true))
    case "BPEDecoder":
      return SuffixDecoder(suffix: try bytes("suffix"))
    default:
      throw unsupported("the decoder \"\(type)\"")
    }
  }
}
