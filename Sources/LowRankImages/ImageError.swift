/// Why a file is no image that can be read.
public enum ImageError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file begins neither as PNG nor as JPEG.
  case unknownFormat
  /// The file has more bytes than are read.
  case tooManyBytes(Int, most: Int)
  /// The header asks for more pixels than are decoded.
  case tooManyPixels(width: Int, height: Int, most: Int)
  /// The file is damaged, or of a kind that the format's library does not read.
  case undecodable(format: ImageFormat, reason: String)

  /// A sentence without the name of the file.
  public var description: String { sentence(about: "the file") }

  /// A sentence about what holds the image: `the file`, or `the value` of a table.
  package func sentence(about holder: String) -> String {
    switch self {
    case .unknownFormat: "\(holder) is neither a PNG nor a JPEG image"
    case .tooManyBytes(let count, let most):
      "\(holder) has \(count) bytes, expected an image of at most \(most)"
    case .tooManyPixels(let width, let height, let most):
      "the image has \(width) × \(height) pixels, expected at most \(most) in all; make it smaller"
    case .undecodable(let format, let reason):
      "the \(format.rawValue) image cannot be decoded: \(reason)"
    }
  }
}
