/// How the values of a page are written, by the format's number.
enum Encoding: Int {
  case plain = 0
  case plainDictionary = 2
  case runLength, bitPacked, deltaBinaryPacked, deltaLengthByteArray, deltaByteArray
  case dictionary, byteStreamSplit
}

/// Reads the values of a page one after the other.
protocol ValueDecoder {
  /// The next value that is not null.
  ///
  /// - Throws: `ParquetFault` if the page has no more.
  mutating func next() throws(ParquetFault) -> ParquetValue
}

extension Interpretation {
  /// A decoder for the values of a page.
  ///
  /// - Parameters:
  ///   - count: the number of values in the page, those that are null included.
  ///   - dictionary: the column's dictionary; nil if there is none.
  /// - Throws: `ParquetFault` for an encoding that is unknown or not for this type.
  func decoder(
    _ encoding: Int, _ bytes: UnsafeRawBufferPointer, count: Int, dictionary: [ParquetValue]?
  ) throws(ParquetFault) -> any ValueDecoder {
    switch (Encoding(rawValue: encoding), physical) {
    case (.plain, .boolean): BooleanDecoder(plain: bytes)
    case (.plain, .byteArray): PlainByteArrayDecoder(bytes, self)
    case (.plain, _): PlainFixedDecoder(bytes, self)
    case (.plainDictionary, _), (.dictionary, _): try DictionaryDecoder(bytes, dictionary)
    case (.runLength, .boolean): try BooleanDecoder(runLength: bytes)
    case (.deltaBinaryPacked, .int32), (.deltaBinaryPacked, .int64):
      try DeltaIntegerDecoder(bytes, self, most: count)
    case (.deltaLengthByteArray, .byteArray):
      try DeltaLengthDecoder(bytes, self, most: count)
    case (.deltaByteArray, .byteArray), (.deltaByteArray, .fixedByteArray):
      try DeltaByteArrayDecoder(bytes, self, most: count)
    case (.byteStreamSplit, _) where width != nil && physical != .int96:
      ByteStreamSplitDecoder(bytes, self)
    case (let known?, _):
      throw ParquetFault("the encoding \(known) is not one for values of the type \(physical)")
    case (nil, _): throw ParquetFault("the encoding \(encoding) is unknown")
    }
  }
}
