/// Why a drawing does not become an image.
public enum DrawingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A library is not installed.
  case libraryMissing(String)
  /// A library is too old.
  case functionMissing(String, library: String)
  /// The image would be larger than cairo allows.
  case tooLarge(width: Int, height: Int)
  /// The libraries could not draw.
  case failed(String)

  /// One sentence.
  public var description: String {
    switch self {
    case .libraryMissing(let name):
      """
      PNG images need \(name), which is not installed; on Debian: apt-get install librsvg2-2 libcairo2 \
      fonts-dejavu-core
      """
    case .functionMissing(let symbol, let library):
      "PNG images need librsvg 2.46 or later, and \(library) has no function \(symbol)"
    case .tooLarge(let width, let height):
      """
      an image of \(width) by \(height) pixels is larger than \(Drawing.largestSide) by \
      \(Drawing.largestSide), so choose a smaller scale
      """
    case .failed(let reason):
      "librsvg could not draw the image: \(reason)"
    }
  }
}
