import Foundation

extension JSONSection {
  /// The normalizer that this object describes.
  func normalizer() throws(TokenizerError) -> any Normalizer {
    let type = try string("type")
    switch type {
    case "Sequence":
      var stages: [any Normalizer] = []
      for section in try sections("normalizers") { stages.append(try section.normalizer()) }
      return NormalizerSequence(stages: stages)
    case "Prepend":
      return PrependNormalizer(content: try bytes("prepend"))
    case "Replace":
      return ReplaceNormalizer(pattern: try pattern(), content: try replacement())
    case "Lowercase":
      return LowercaseNormalizer()
    case "Strip":
      return StripNormalizer(
        left: try bool("strip_left", default: true), right: try bool("strip_right", default: true))
    case "BertNormalizer":
      return try bertNormalizer()
    case "StripAccents":
      return StripAccentsNormalizer()
    case "Nmt":
      return NmtNormalizer()
    case "Precompiled":
      return PrecompiledNormalizer(map: try characterMap())
    default:
      guard let form = UnicodeNormalizer(rawValue: type) else {
        throw unsupported("the normalizer \"\(type)\"")
      }
      return form
    }
  }

  private func characterMap() throws(TokenizerError) -> CharacterMap {
    let key = "precompiled_charsmap"
    guard let blob = Data(base64Encoded: try string(key)) else {
      throw mismatch(key, expected: "base64")
    }
    do throws(CharacterMap.Malformed) {
      return try CharacterMap(Array(blob))
    } catch {
      throw mismatch(key, expected: "a character map, found \(error.problem)")
    }
  }

  /// The `pattern` of this object: a string, or a regular expression that is known.
  func pattern() throws(TokenizerError) -> any Pattern {
    let pattern = try requiredSection("pattern")
    if let literal = try pattern.optionalBytes("String") { return LiteralPattern(literal) }
    let expression = try pattern.string("Regex")
    guard let known = KnownPatterns.pattern(expression) else {
      throw unsupported("the regular expression \(expression)")
    }
    return known
  }

  /// The `content` that takes a pattern's place.
  func replacement() throws(TokenizerError) -> [UInt8] {
    let content = try bytes("content")
    let isExpression = try requiredSection("pattern").value("Regex") != nil
    if isExpression, content.contains(UInt8(ascii: "$")) {
      throw unsupported("the group reference in \(String(decoding: content, as: UTF8.self))")
    }
    return content
  }
}
