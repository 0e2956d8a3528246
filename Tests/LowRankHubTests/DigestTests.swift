import Foundation
import LowRankDigests
import Testing

@Suite struct `A digest` {
  // Of FIPS 180-2, appendix B.
  @Test(arguments: [
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func `is SHA-256, whatever pieces the bytes come in`(text: String, expected: String) throws {
    #expect(try Digest.sha256(text.utf8) == expected)
    let digest = try Digest(.sha256)
    for byte in text.utf8 {
      digest.update([byte])
      _ = digest.hexadecimal
    }
    #expect(digest.hexadecimal == expected)
  }

  // git hash-object says so of a file with these bytes.
  @Test(arguments: [
    ("", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"),
    ("hello\n", "ce013625030ba8dba906f756967f9e9ca394464a"),
  ])
  func `of git is SHA-1 of the length and the bytes`(text: String, expected: String) throws {
    let digest = try Digest.git(count: text.utf8.count)
    digest.update(Data(text.utf8))
    #expect(digest.hexadecimal == expected)
  }
}
