import Foundation
import LowRankImages
import Testing

/// Files that Oracles/images_fixture.py wrote, with what Pillow makes of them.
struct ImageFixture: Decodable {
  struct Image: Decodable {
    let width, height: Int
    let pixels: String
    let filter: Int?

    /// The samples, which are written in hexadecimal.
    var samples: [UInt8] {
      let digits = Array(pixels.utf8)
      return stride(from: 0, to: digits.count, by: 2).map {
        UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16) ?? 0
      }
    }
  }

  let images: [String: Image]
  let resized: [Image]

  static func read() throws -> ImageFixture {
    try JSONDecoder().decode(ImageFixture.self, from: bytes("expected.json"))
  }

  static func bytes(_ name: String) throws -> Data {
    let folder = try #require(Bundle.module.resourceURL).appending(path: "Fixtures")
    return try Data(contentsOf: folder.appending(path: name))
  }

  static func decoded(_ name: String) throws -> RGBImage {
    try bytes(name).withUnsafeBytes { bytes throws(ImageError) in
      try RGBImage(decoding: bytes)
    }
  }
}
