extension RGBImage {
  /// The image at another size, as Pillow 13 resizes images of eight bits: across, then down, each rounded.
  ///
  /// An image that loses many more rows than columns is resized down first, which decides about roundings alone.
  public func resized(
    width newWidth: Int, height newHeight: Int, by filter: ResamplingFilter
  ) -> RGBImage {
    precondition(newWidth > 0 && newHeight > 0, "an image of \(newWidth) × \(newHeight)")
    let (columns, rows) = (width - newWidth, height - newHeight)
    let isDownFirst = rows > 0 && rows > 2 * columns
    var image = self
    if isDownFirst { image = image.resizedDown(to: newHeight, filter) }
    if columns != 0 { image = image.resizedAcross(to: newWidth, filter) }
    if !isDownFirst, rows != 0 { image = image.resizedDown(to: newHeight, filter) }
    return image
  }

  private func resizedAcross(to newWidth: Int, _ filter: ResamplingFilter) -> RGBImage {
    let weights = ResamplingWeights(from: width, to: newWidth, filter)
    return RGBImage(
      width: newWidth, height: height,
      pixels: Self.made(3 * newWidth * height) { new in
        pixels.withUnsafeBufferPointer { old in
          for y in 0..<height {
            for (x, range) in weights.ranges.enumerated() {
              let from = 3 * (y * width + range.lowerBound)
              for channel in 0..<3 {
                new[3 * (y * newWidth + x) + channel] = weights.sample(
                  x, range.count, old, from: from + channel, step: 3)
              }
            }
          }
        }
      })
  }

  private func resizedDown(to newHeight: Int, _ filter: ResamplingFilter) -> RGBImage {
    let weights = ResamplingWeights(from: height, to: newHeight, filter)
    return RGBImage(
      width: width, height: newHeight,
      pixels: Self.made(3 * width * newHeight) { new in
        pixels.withUnsafeBufferPointer { old in
          for (y, range) in weights.ranges.enumerated() {
            for column in 0..<3 * width {
              new[3 * y * width + column] = weights.sample(
                y, range.count, old, from: 3 * range.lowerBound * width + column, step: 3 * width)
            }
          }
        }
      })
  }

  private static func made(
    _ count: Int, _ fill: (UnsafeMutableBufferPointer<UInt8>) -> Void
  ) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      fill(buffer)
      initialized = count
    }
  }
}

extension ResamplingWeights {
  /// One sample of the resized image: the weighed sum of `count` samples, `step` apart, from a place on.
  @inline(__always)
  fileprivate func sample(
    _ index: Int, _ count: Int, _ old: UnsafeBufferPointer<UInt8>, from place: Int, step: Int
  ) -> UInt8 {
    weights.withUnsafeBufferPointer { weights in
      var sum = Int32(1) << (Self.precision - 1)
      for tap in 0..<count {
        sum &+= Int32(old[place + tap * step]) &* weights[index * width + tap]
      }
      return UInt8(clamping: sum >> Self.precision)
    }
  }
}
