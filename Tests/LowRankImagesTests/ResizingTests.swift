import LowRankImages
import Testing

@Suite struct `Resizing images` {
  @Test func `gives the samples of Pillow with every filter, larger and smaller`() throws {
    let image = try ImageFixture.decoded("resized.png")
    let cases = try ImageFixture.read().resized
    try #require(cases.count == 25)
    for expected in cases {
      let filter = try #require(ResamplingFilter(rawValue: expected.filter ?? 0))
      let resized = image.resized(width: expected.width, height: expected.height, by: filter)
      #expect(
        resized.pixels == expected.samples, "\(filter), \(expected.width) × \(expected.height)")
    }
  }

  @Test func `leaves an image of that size as it is`() throws {
    let image = try ImageFixture.decoded("resized.png")
    #expect(image.resized(width: image.width, height: image.height, by: .bicubic) == image)
  }

  @Test func `cuts out the middle, and puts black around what is smaller`() {
    func column(_ image: RGBImage) -> [UInt8] {
      (0..<image.height).map { image.pixels[3 * $0 * image.width] }
    }
    func image(_ count: Int) -> RGBImage {
      RGBImage(
        width: 1, height: count, pixels: (1...UInt8(count)).flatMap { [$0, $0, $0] })
    }
    #expect(column(image(5).croppedToCenter(width: 1, height: 2)) == [2, 3])
    #expect(column(image(4).croppedToCenter(width: 1, height: 2)) == [2, 3])
    #expect(column(image(2).croppedToCenter(width: 1, height: 5)) == [0, 0, 1, 2, 0])
    #expect(column(image(3).croppedToCenter(width: 1, height: 5)) == [0, 1, 2, 3, 0])
  }
}
