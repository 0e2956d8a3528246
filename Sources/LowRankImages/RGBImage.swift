/// An image of red, green and blue, eight bits each.
public struct RGBImage: Hashable, Sendable {
  /// The number of columns and of rows.
  public let width, height: Int
  /// The samples, `[height, width, 3]`.
  public let pixels: [UInt8]

  /// An image of `3 × width × height` samples.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(
      width > 0 && height > 0 && pixels.count == 3 * width * height,
      "\(pixels.count) samples for an image of \(width) × \(height)")
    (self.width, self.height, self.pixels) = (width, height, pixels)
  }

  /// The middle of the image, `[height, width]`; where the image is smaller, black is around it.
  ///
  /// Of what cannot be halved, the larger part is left out at the right and at the bottom, and added at the left and at the
  /// top, as transformers does.
  public func croppedToCenter(width newWidth: Int, height newHeight: Int) -> RGBImage {
    let left = Self.start(of: newWidth, in: width)
    let top = Self.start(of: newHeight, in: height)
    var new = [UInt8](repeating: 0, count: 3 * newWidth * newHeight)
    let columns = max(0, -left)..<min(newWidth, width - left)
    for y in max(0, -top)..<min(newHeight, height - top) {
      let from = 3 * ((y + top) * width + columns.lowerBound + left)
      let to = 3 * (y * newWidth + columns.lowerBound)
      new.replaceSubrange(
        to..<to + 3 * columns.count, with: pixels[from..<from + 3 * columns.count])
    }
    return RGBImage(width: newWidth, height: newHeight, pixels: new)
  }

  /// Where a run of `new` begins in one of `old`; before it where it is longer.
  private static func start(of new: Int, in old: Int) -> Int {
    new <= old ? (old - new) / 2 : -((new - old + 1) / 2)
  }
}
