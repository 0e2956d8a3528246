/// Turns GPT-2's visible characters back into bytes, and the bytes into text.
struct ByteLevelDecoder: Decoder {
  func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
    let bytes = tokens.flatMap { ByteCharacters.bytes(of: $0) ?? $0 }
    return [Array(String(decoding: bytes, as: UTF8.self).utf8)]
  }

  func partialBytes(of token: [UInt8]) -> [UInt8]? {
    guard let bytes = ByteCharacters.bytes(of: token),
      String(validating: bytes, as: UTF8.self) == nil
    else { return nil }
    return bytes
  }
}
