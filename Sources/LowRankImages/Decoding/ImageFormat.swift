/// The formats of images that are read, told by their first bytes.
public enum ImageFormat: String, Hashable, Sendable, CaseIterable {
  case png = "PNG"
  case jpeg = "JPEG"

  /// The ends of the names of such files.
  public static let endings: Set = ["png", "jpg", "jpeg"]

  private var signature: [UInt8] {
    switch self {
    case .png: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
    case .jpeg: [0xff, 0xd8, 0xff]
    }
  }

  /// The format of a file; nil for another one.
  init?(of bytes: UnsafeRawBufferPointer) {
    let found = Self.allCases.first { bytes.starts(with: $0.signature) }
    guard let found else { return nil }
    self = found
  }
}
