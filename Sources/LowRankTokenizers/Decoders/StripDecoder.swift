/// Removes up to a number of one character from the ends of each token.
struct StripDecoder: Decoder {
  let content: [UInt8]
  let start: Int
  let stop: Int

  func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
    tokens.map { token in
      var rest = token[...]
      for _ in 0..<start where rest.starts(with: content) { rest = rest.dropFirst(content.count) }
      for _ in 0..<stop where rest.suffix(content.count).elementsEqual(content) {
        rest = rest.dropLast(content.count)
      }
      return Array(rest)
    }
  }
}
