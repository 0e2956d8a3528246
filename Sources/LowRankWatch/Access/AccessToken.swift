/// The secret that opens a page which other machines can reach.
package struct AccessToken: Sendable {
  /// Letters, digits, `-`, `_`, `.` and `~`, so that it stands in an address as it is.
  package let text: String

  /// 32 random bytes in base64url.
  package static func random() -> AccessToken {
    var generator = SystemRandomNumberGenerator()
    var bits = (0..<32).flatMap { _ -> [Bool] in
      let byte = UInt8.random(in: .min ... .max, using: &generator)
      return (0..<8).map { byte >> (7 - $0) & 1 == 1 }
    }
    bits += [false, false]
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    let text = stride(from: 0, to: bits.count, by: 6).map { start in
      digits[bits[start..<start + 6].reduce(0) { $0 << 1 | ($1 ? 1 : 0) }]
    }
    return AccessToken(text: String(decoding: text, as: UTF8.self))
  }

  private init(text: String) { self.text = text }

  /// Takes a token that somebody chose, without what surrounds it in its file.
  ///
  /// - Throws: ``WatchError/badToken(_:)`` if it is short or would not stand in an address.
  package init(_ chosen: String, from file: String) throws {
    let bytes = chosen.utf8.split(whereSeparator: { [0x0A, 0x0D, 0x20, 0x09].contains($0) })
    guard let only = bytes.first, bytes.count == 1, (20...512).contains(only.count),
      only.allSatisfy(Self.allows)
    else { throw WatchError.badToken(file) }
    text = String(decoding: Array(only), as: UTF8.self)
  }

  private static func allows(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "-_.~".utf8.contains(byte)
    }
  }

  /// Whether an offer is the token, in a time that says nothing of how much of it is right.
  func accepts(_ offer: some StringProtocol) -> Bool {
    let (offered, expected) = (Array(offer.utf8), Array(text.utf8))
    var difference = offered.count ^ expected.count
    for index in expected.indices {
      difference |= Int(expected[index] ^ (index < offered.count ? offered[index] : 0))
    }
    return difference == 0
  }
}
