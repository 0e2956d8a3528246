/// What becomes of the stored values of a column.
struct Interpretation {
  let physical: PhysicalType
  let annotation: Annotation
  /// The size of a value in bytes; nil for texts and bytes of any length, and for truth values.
  let width: Int?

  /// - Throws: `ParquetFault` for a type that values cannot have.
  init(_ column: ParquetColumn) throws(ParquetFault) {
    physical = column.physical
    annotation = column.annotation
    switch physical {
    case .boolean, .byteArray: width = nil
    case .int32, .float: width = 4
    case .int64, .double: width = 8
    case .int96: width = 12
    case .fixedByteArray:
      guard column.length > 0 else {
        throw ParquetFault("values of a fixed size have the size \(column.length)")
      }
      width = column.length
    }
    switch annotation {
    case .float16 where physical != .fixedByteArray || width != 2,
      .uuid where physical != .fixedByteArray || width != 16:
      throw ParquetFault("values of this size cannot be of the type \(annotation)")
    case .decimal(let scale) where scale < 0 || scale > 77:
      throw ParquetFault("decimal numbers have the scale \(scale), expected 0 to 77")
    case .decimal where physical == .fixedByteArray && column.length > DecimalText.largest:
      throw ParquetFault("decimal numbers have \(column.length) bytes, expected at most 32")
    default: break
    }
  }

  /// The value of an integer.
  func integer(_ number: Int64) -> ParquetValue {
    switch annotation {
    case .integer(isSigned: false, _):
      .unsigned(
        physical == .int32
          ? UInt64(UInt32(truncatingIfNeeded: number)) : UInt64(bitPattern: number))
    case .decimal(let scale): .decimal(DecimalText.text(number, scale: scale))
    case .date: .string(CalendarText.date(number))
    case .time(let unit): .string(CalendarText.time(number, unit))
    case .timestamp(let unit, let isUTC):
      .string(CalendarText.timestamp(number, unit, isUTC: isUTC))
    default: .integer(number)
    }
  }

  /// The value of bytes of a fixed size or of any length.
  func bytes(_ bytes: UnsafeRawBufferPointer) throws(ParquetFault) -> ParquetValue {
    switch annotation {
    case .text:
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw ParquetFault("a text is not valid UTF-8")
      }
      return .string(text)
    case .decimal(let scale):
      guard bytes.count <= DecimalText.largest else {
        throw ParquetFault("a decimal number has \(bytes.count) bytes, expected at most 32")
      }
      return .decimal(DecimalText.text(bytes, scale: scale))
    case .uuid: return .string(Self.uuid(bytes))
    case .float16:
      let bits = UInt16(littleEndian: bytes.loadUnaligned(as: UInt16.self))
      return .double(Self.half(bits))
    default: return .bytes([UInt8](bytes))
    }
  }

  /// The value at the beginning of ``width`` bytes.
  func fixed(_ bytes: UnsafeRawBufferPointer) throws(ParquetFault) -> ParquetValue {
    switch physical {
    case .int32: integer(Int64(Int32(littleEndian: bytes.loadUnaligned(as: Int32.self))))
    case .int64: integer(Int64(littleEndian: bytes.loadUnaligned(as: Int64.self)))
    case .float:
      .double(
        Double(Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))))
    case .double:
      .double(Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))))
    case .int96:
      .string(
        CalendarText.timestamp(
          julianDay: UInt32(
            littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)),
          nanoseconds: UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))))
    case .boolean, .byteArray, .fixedByteArray: try self.bytes(bytes)
    }
  }

  private static func uuid(_ bytes: UnsafeRawBufferPointer) -> String {
    var text = ""
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { text += "-" }
      text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return text
  }

  /// A number of half precision; `Float16` is not available on every processor.
  private static func half(_ bits: UInt16) -> Double {
    let (exponent, fraction) = (Int(bits >> 10 & 0x1f), Double(bits & 0x3ff))
    let magnitude: Double =
      switch exponent {
      case 0: Double(sign: .plus, exponent: -24, significand: fraction)
      case 31: fraction == 0 ? .infinity : .nan
      default: Double(sign: .plus, exponent: exponent - 25, significand: 1024 + fraction)
      }
    return bits & 0x8000 == 0 ? magnitude : -magnitude
  }
}
