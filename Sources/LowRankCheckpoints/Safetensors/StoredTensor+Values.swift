import LowRankTensors

extension StoredTensor {
  /// The elements in single precision, row-major.
  ///
  /// F32, BF16, F16 and integers up to 16 bits are exact, the packed types are unpacked as GGML defines it; F64 and wider
  /// integers are rounded. The pages of the file do not stay in memory.
  /// - Throws: `SafetensorsError` naming a type that holds no such numbers, `FileError`.
  public func floats() throws -> [Float] {
    defer { forget() }
    return try withBytes { bytes in
      switch type {
      case .float32: values(bytes) { (bits: UInt32) in Float(bitPattern: bits) }
      case .bfloat16: values(bytes) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
      case .float16: values(bytes, Float.init(halfPrecision:))
      case .float64: values(bytes) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
      case .int64: values(bytes) { (value: Int64) in Float(value) }
      case .int32: values(bytes) { (value: Int32) in Float(value) }
      case .int16: values(bytes) { (value: Int16) in Float(value) }
      case .int8: values(bytes) { (value: Int8) in Float(value) }
      case .uint8, .bool: values(bytes) { (value: UInt8) in Float(value) }
      case let type where type.isBlocked:
        type.elementType.map { PackedNumbers.floats(bytes, $0, count: shape.count) } ?? []
      default: throw unreadable(as: "numbers")
      }
    }
  }

  /// The elements as 64-bit integers, row-major.
  ///
  /// - Throws: `SafetensorsError` naming a type that holds no integers, `FileError`.
  public func int64s() throws -> [Int64] {
    defer { forget() }
    return try withBytes { bytes in
      switch type {
      case .int64: values(bytes) { (value: Int64) in value }
      case .int32: values(bytes) { (value: Int32) in Int64(value) }
      case .int16: values(bytes) { (value: Int16) in Int64(value) }
      case .int8: values(bytes) { (value: Int8) in Int64(value) }
      case .uint8, .bool: values(bytes) { (value: UInt8) in Int64(value) }
      default: throw unreadable(as: "integers")
      }
    }
  }

  /// The elements as 32-bit integers, row-major.
  ///
  /// - Throws: `SafetensorsError` naming a type that holds no integers, or an element that does not
  ///   fit; `FileError`.
  public func int32s() throws -> [Int32] {
    try int64s().map { value in
      guard let value = Int32(exactly: value) else {
        throw SafetensorsError(
          file.path, .type, "tensor \"\(name)\" holds \(value), beyond 32 bits")
      }
      return value
    }
  }

  /// The elements of the file turned into values; they need not be aligned there.
  private func values<Stored: FixedWidthInteger & BitwiseCopyable, Value>(
    _ bytes: UnsafeRawBufferPointer, _ value: (Stored) -> Value
  ) -> [Value] {
    [Value](unsafeUninitializedCapacity: shape.count) { values, count in
      for position in 0..<shape.count {
        let stored = bytes.loadUnaligned(
          fromByteOffset: position * MemoryLayout<Stored>.size, as: Stored.self)
        values.initializeElement(at: position, to: value(Stored(littleEndian: stored)))
      }
      count = shape.count
    }
  }
}

extension Float {
  /// The value of a half precision number, from its bits.
  ///
  /// Integer arithmetic and one exact subtraction: vectorisable on every processor, and right for
  /// subnormal numbers also where the processor is told to flush those of single precision.
  init(halfPrecision half: UInt16) {
    let sign = UInt32(half & 0x8000) << 16
    let magnitude = UInt32(half & 0x7fff) << 13
    let exponent = magnitude & 0x0f80_0000
    let rebiased: UInt32
    if exponent == 0x0f80_0000 {  // infinite or not a number
      rebiased = magnitude + (255 - 31) << 23
    } else if exponent == 0 {  // subnormal, or zero
      let smallest: UInt32 = (127 - 14) << 23
      rebiased = (Float(bitPattern: magnitude + smallest) - Float(bitPattern: smallest)).bitPattern
    } else {
      rebiased = magnitude + (127 - 15) << 23
    }
    self.init(bitPattern: sign | rebiased)
  }
}
