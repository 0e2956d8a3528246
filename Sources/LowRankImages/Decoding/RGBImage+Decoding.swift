import CImages

extension RGBImage {
  /// The most bytes of a file that is read.
  public static let mostBytes = 1 << 28
  /// The most pixels that are decoded, where Pillow stops too.
  public static let mostPixels = 178_956_970

  /// The width and height that the header of a PNG or JPEG file names.
  ///
  /// - Throws: `ImageError` for another file, a damaged header, and more pixels than ``mostPixels``.
  public static func size(of file: UnsafeRawBufferPointer) throws(ImageError) -> (
    width: Int, height: Int
  ) {
    guard file.count <= mostBytes else {
      throw .tooManyBytes(file.count, most: mostBytes)
    }
    guard let format = ImageFormat(of: file) else { throw .unknownFormat }
    let header = try format.header(of: file)
    return (Int(header.width), Int(header.height))
  }

  /// Decodes a PNG or JPEG file; nothing of the image's size is allocated before its header has been checked.
  ///
  /// The colors are those of Pillow's `convert("RGB")`, and the image is turned as its EXIF orientation says.
  /// - Throws: `ImageError` for another file, a damaged or absurdly large one.
  public init(decoding file: UnsafeRawBufferPointer) throws(ImageError) {
    guard file.count <= Self.mostBytes else {
      throw .tooManyBytes(file.count, most: Self.mostBytes)
    }
    guard let format = ImageFormat(of: file) else { throw .unknownFormat }
    var image = try format.header(of: file)
    let count = 3 * Int(image.width) * Int(image.height)
    var isRead = false
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      isRead = format.readPixels(file, &image, buffer.baseAddress)
      initialized = isRead ? count : 0
    }
    guard isRead else {
      throw .undecodable(format: format, reason: image.words)
    }
    let upright = RGBImage(width: Int(image.width), height: Int(image.height), pixels: pixels)
    self = EXIFOrientation(in: file, format)?.applied(to: upright) ?? upright
  }
}

extension ImageFormat {
  fileprivate func header(of file: UnsafeRawBufferPointer) throws(ImageError) -> lr_image {
    var image = lr_image()
    let bytes = file.bindMemory(to: UInt8.self).baseAddress
    let isRead =
      switch self {
      case .png: lr_png_header(bytes, Int64(file.count), &image)
      case .jpeg: lr_jpeg_header(bytes, Int64(file.count), &image)
      }
    guard isRead != 0, image.width > 0, image.height > 0 else {
      throw .undecodable(format: self, reason: image.words)
    }
    guard Int(image.width) * Int(image.height) <= RGBImage.mostPixels else {
      throw .tooManyPixels(
        width: Int(image.width), height: Int(image.height), most: RGBImage.mostPixels)
    }
    return image
  }

  fileprivate func readPixels(
    _ file: UnsafeRawBufferPointer, _ image: inout lr_image, _ target: UnsafeMutablePointer<UInt8>?
  ) -> Bool {
    let bytes = file.bindMemory(to: UInt8.self).baseAddress
    return switch self {
    case .png: lr_png_pixels(bytes, Int64(file.count), &image, target) != 0
    case .jpeg: lr_jpeg_pixels(bytes, Int64(file.count), &image, target) != 0
    }
  }
}

extension lr_image {
  /// Why a function failed.
  fileprivate var words: String {
    withUnsafeBytes(of: reason) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
