/// How a model divides images into patches, and how many tokens it puts before them.
public struct ImageInput: Hashable, Sendable {
  /// The size of an image.
  public let width, height: Int
  /// The size of a patch.
  public let patchWidth, patchHeight: Int
  /// The tokens before the patches.
  public let specials: Int

  /// Images of whole patches behind some tokens.
  public init(width: Int, height: Int, patchWidth: Int, patchHeight: Int, specials: Int) {
    precondition(
      width > 0 && height > 0 && width.isMultiple(of: patchWidth)
        && height.isMultiple(of: patchHeight),
      "\(width) × \(height) pixels in patches of \(patchWidth) × \(patchHeight)")
    (self.width, self.height) = (width, height)
    (self.patchWidth, self.patchHeight) = (patchWidth, patchHeight)
    self.specials = specials
  }

  /// The number of patches of an image.
  public var patches: Int { (width / patchWidth) * (height / patchHeight) }
  /// The rows of an image: its tokens and its patches.
  public var places: Int { specials + patches }
  /// The numbers of a patch: red, then green, then blue, each row by row.
  public var patchCount: Int { 3 * patchWidth * patchHeight }

  /// The rows of an image, `[places, patchCount]`, zeros where no patch stands.
  ///
  /// - Parameter pixels: the image, `[3, height, width]`.
  public func rows(of pixels: [Float]) -> [Float] {
    precondition(pixels.count == 3 * width * height, "\(pixels.count) numbers of an image")
    var rows = [Float](repeating: 0, count: places * patchCount)
    var target = specials * patchCount
    for top in stride(from: 0, to: height, by: patchHeight) {
      for left in stride(from: 0, to: width, by: patchWidth) {
        for channel in 0..<3 {
          for y in top..<top + patchHeight {
            let from = (channel * height + y) * width + left
            rows.replaceSubrange(
              target..<target + patchWidth, with: pixels[from..<from + patchWidth])
            target += patchWidth
          }
        }
      }
    }
    return rows
  }
}
