/// Rounding to Q8_0: 32 numbers become a scale in half precision and 32 signed bytes.
///
/// `d = max|x| / 127` and `q = round(x · (1 / d))`, in single precision and with halves away from zero; then d is rounded to
/// half precision. This is what GGML's reference and gguf of PyPI do, bit for bit.
enum Q8Block {
  private static let (count, byteCount) = (32, 34)
  /// The largest magnitude in a block whose scale is a finite half: `127 · 65504`.
  static let largest: Float = 127 * 65_504

  /// The blocks of finite numbers, which fill whole blocks.
  static func bytes(of numbers: [Float]) -> [UInt8] {
    precondition(numbers.count.isMultiple(of: count), "\(numbers.count) numbers are no blocks")
    let blocks = numbers.count / count
    return [UInt8](unsafeUninitializedCapacity: blocks * byteCount) { bytes, initialized in
      numbers.withUnsafeBufferPointer { numbers in
        for block in 0..<blocks {
          pack(
            UnsafeBufferPointer(rebasing: numbers[block * count..<(block + 1) * count]),
            into: UnsafeMutableRawBufferPointer(
              rebasing: UnsafeMutableRawBufferPointer(bytes)[
                block * byteCount..<(block + 1) * byteCount]))
        }
      }
      initialized = blocks * byteCount
    }
  }

  private static func pack(
    _ numbers: UnsafeBufferPointer<Float>, into bytes: UnsafeMutableRawBufferPointer
  ) {
    var largest: Float = 0
    for number in numbers { largest = max(largest, abs(number)) }
    let scale = largest / 127
    bytes.storeBytes(of: Float16(scale).bitPattern.littleEndian, as: UInt16.self)
    // Of numbers so small that the inverse overflows, the scale is zero as a half, and so is everything.
    let inverse = scale == 0 || !(1 / scale).isFinite ? 0 : 1 / scale
    for (index, number) in numbers.enumerated() {
      let rounded = (number * inverse).rounded(.toNearestOrAwayFromZero)
      bytes[2 + index] = UInt8(bitPattern: Int8(rounded))
    }
  }
}
