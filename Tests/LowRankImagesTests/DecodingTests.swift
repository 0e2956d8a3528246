import Foundation
import LowRankImages
import Testing

@Suite struct `Decoding images` {
  @Test func `gives the samples of Pillow for every kind of PNG and JPEG`() throws {
    let fixture = try ImageFixture.read()
    try #require(fixture.images.count > 30)
    for (name, expected) in fixture.images {
      let image = try ImageFixture.decoded(name)
      #expect(image.width == expected.width && image.height == expected.height, "\(name)")
      #expect(image.pixels == expected.samples, "\(name)")
    }
  }

  @Test func `tells the size by the header alone`() throws {
    for (name, expected) in try ImageFixture.read().images
    where !name.hasPrefix("orientation") && name != "rgb-turned.png" {
      let size = try ImageFixture.bytes(name).withUnsafeBytes { bytes -> [Int] in
        let size = try RGBImage.size(of: bytes)
        return [size.width, size.height]
      }
      #expect(size == [expected.width, expected.height], "\(name)")
    }
  }

  @Test(arguments: [
    ("broken-cut.png", "the PNG image cannot be decoded: the file ends too early"),
    ("broken-cut.jpg", "the JPEG image cannot be decoded: the file ends too early"),
    ("broken-text.png", "the file is neither a PNG nor a JPEG image"),
    ("broken-empty.jpg", "the file is neither a PNG nor a JPEG image"),
    (
      "broken-huge.png",
      "the image has 60000 × 60000 pixels, expected at most 178956970 in all; make it smaller"
    ),
    (
      "broken-huge.jpg",
      "the image has 65500 × 65500 pixels, expected at most 178956970 in all; make it smaller"
    ),
  ])
  func `refuses what is damaged or absurdly large`(name: String, sentence: String) throws {
    let error = try #require(throws: ImageError.self) { try ImageFixture.decoded(name) }
    #expect("\(error)" == sentence)
  }

  @Test func `refuses damaged pixels with the library's words`() throws {
    let error = try #require(throws: ImageError.self) {
      try ImageFixture.decoded("broken-sum.png")
    }
    #expect("\(error)".hasPrefix("the PNG image cannot be decoded: IDAT"))
  }

  @Test(arguments: [
    "rgb-8.png", "palette-2.png", "rgb-420.jpg", "progressive.jpg", "rgb-turned.png",
  ])
  func `refuses or reads whatever a damaged file holds`(name: String) throws {
    let whole = Array(try ImageFixture.bytes(name))
    var (read, refused) = (0, 0)
    for place in whole.indices {
      for bytes in [Array(whole[..<place]), whole.enumerated().map { $0 == place ? ~$1 : $1 }] {
        do {
          let image = try bytes.withUnsafeBytes { bytes throws(ImageError) in
            // A length in a header that is changed must not make a test of gigabytes.
            let size = try RGBImage.size(of: bytes)
            guard size.width * size.height < 1 << 22 else { throw .unknownFormat }
            return try RGBImage(decoding: bytes)
          }
          #expect(image.pixels.count == 3 * image.width * image.height)
          read += 1
        } catch { refused += 1 }
      }
    }
    #expect(refused > whole.count / 2 && read + refused == 2 * whole.count)
  }
}
