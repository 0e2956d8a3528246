/// How a camera was held, by the tag 274 of EXIF: what has to be done for an image to stand upright.
enum EXIFOrientation: Int, CaseIterable {
  case upright = 1
  case mirrored
  case turnedHalf
  case flipped
  case transposed
  case turnedRight
  case transversed
  case turnedLeft

  /// The orientation that a file names; nil for none.
  init?(in file: UnsafeRawBufferPointer, _ format: ImageFormat) {
    let found =
      switch format {
      case .png: Self.chunk(in: file)
      case .jpeg: Self.segment(in: file)
      }
    guard let found, let value = Self.tag(in: UnsafeRawBufferPointer(rebasing: found)) else {
      return nil
    }
    self.init(rawValue: value)
  }

  /// The content of PNG's chunk `eXIf`.
  private static func chunk(in file: UnsafeRawBufferPointer) -> Slice<UnsafeRawBufferPointer>? {
    var place = 8
    while place + 12 <= file.count {
      let count = number(file, place, 4, isBig: true)
      guard count <= file.count - place - 12 else { return nil }
      if file[place + 4..<place + 8].elementsEqual("eXIf".utf8) {
        return file[place + 8..<place + 8 + count]
      }
      place += 12 + count
    }
    return nil
  }

  /// The content of JPEG's first segment APP1 of EXIF, before the pixels.
  private static func segment(in file: UnsafeRawBufferPointer) -> Slice<UnsafeRawBufferPointer>? {
    var place = 2
    while place + 4 <= file.count, file[place] == 0xff {
      let marker = file[place + 1]
      guard marker != 0xff else {
        place += 1
        continue
      }
      let count = number(file, place + 2, 2, isBig: true)
      guard marker != 0xda, marker != 0xd9, count >= 2, place + 2 + count <= file.count else {
        return nil
      }
      let content = file[place + 4..<place + 2 + count]
      if marker == 0xe1, content.starts(with: Array("Exif".utf8) + [0, 0]) {
        return content.dropFirst(6)
      }
      place += 2 + count
    }
    return nil
  }

  /// The value of the tag in the first directory of a TIFF header.
  private static func tag(in tiff: UnsafeRawBufferPointer) -> Int? {
    guard tiff.count >= 8 else { return nil }
    let isBig = tiff.starts(with: "MM".utf8)
    guard isBig || tiff.starts(with: "II".utf8) else { return nil }
    let directory = number(tiff, 4, 4, isBig: isBig)
    guard directory >= 8, directory <= tiff.count - 2 else { return nil }
    for index in 0..<number(tiff, directory, 2, isBig: isBig) {
      let entry = directory + 2 + 12 * index
      guard entry + 12 <= tiff.count else { return nil }
      guard number(tiff, entry, 2, isBig: isBig) == 0x112 else { continue }
      // A short number stands in the first half of the field.
      guard number(tiff, entry + 2, 2, isBig: isBig) == 3 else { return nil }
      return number(tiff, entry + 8, 2, isBig: isBig)
    }
    return nil
  }

  private static func number(
    _ bytes: UnsafeRawBufferPointer, _ place: Int, _ count: Int, isBig: Bool
  ) -> Int {
    let digits = bytes[place..<place + count]
    return (isBig ? Array(digits) : digits.reversed()).reduce(0) { $0 << 8 | Int($1) }
  }

  /// The image turned and mirrored so that it stands upright.
  func applied(to image: RGBImage) -> RGBImage {
    guard self != .upright else { return image }
    let swaps = rawValue > 4
    let (width, height) = swaps ? (image.height, image.width) : (image.width, image.height)
    let (right, bottom) = (image.width - 1, image.height - 1)
    var pixels: [UInt8] = []
    pixels.reserveCapacity(image.pixels.count)
    for y in 0..<height {
      for x in 0..<width {
        let (column, row) =
          switch self {
          case .upright: (x, y)
          case .mirrored: (right - x, y)
          case .turnedHalf: (right - x, bottom - y)
          case .flipped: (x, bottom - y)
          case .transposed: (y, x)
          case .turnedRight: (y, bottom - x)
          case .transversed: (right - y, bottom - x)
          case .turnedLeft: (right - y, x)
          }
        let from = 3 * (row * image.width + column)
        pixels += image.pixels[from..<from + 3]
      }
    }
    return RGBImage(width: width, height: height, pixels: pixels)
  }
}
