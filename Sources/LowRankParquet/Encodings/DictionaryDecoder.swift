/// Values as numbers of the entries of a dictionary.
struct DictionaryDecoder: ValueDecoder {
  private let dictionary: [ParquetValue]
  private var indices: RunLengthDecoder

  init(_ bytes: UnsafeRawBufferPointer, _ dictionary: [ParquetValue]?) throws(ParquetFault) {
    guard let dictionary else {
      throw ParquetFault("the values are in a dictionary, but there is none")
    }
    self.dictionary = dictionary
    var cursor = ByteCursor(bytes)
    // A page without values may be empty.
    let width = cursor.count > 0 ? Int(try cursor.byte()) : 0
    indices = try RunLengthDecoder(cursor.rest, width: width)
  }

  mutating func next() throws(ParquetFault) -> ParquetValue {
    let index = Int(try indices.next())
    guard index < dictionary.count else {
      throw ParquetFault("a value is entry \(index) of a dictionary with \(dictionary.count)")
    }
    return dictionary[index]
  }
}
