/// How often a field occurs in its parent.
enum Repetition: Int, Sendable {
  case required = 0
  case optional, repeated
}

/// How values are stored, by the format's number.
enum PhysicalType: Int, Sendable {
  case boolean = 0
  case int32, int64, int96, float, double, byteArray, fixedByteArray
}

/// One line of a schema.
struct SchemaElement: Sendable {
  private(set) var physical: PhysicalType?
  private(set) var length = 0
  private(set) var repetition = Repetition.required
  private(set) var name = ""
  private(set) var childCount = 0
  private(set) var annotation = Annotation.none
  private var scale = 0
  private var converted: Int?

  init(_ reader: inout ThriftReader, _ kind: ThriftReader.Kind) throws(ParquetFault) {
    var element = Self()
    try reader.structure(kind) { reader, id, kind throws(ParquetFault) in
      switch id {
      case 1:
        let number = try reader.integer(kind)
        guard let type = PhysicalType(rawValue: number) else {
          throw ParquetFault("the schema has the unknown type \(number)")
        }
        element.physical = type
      case 2: element.length = try reader.integer(kind)
      case 3:
        guard let repetition = Repetition(rawValue: try reader.integer(kind)) else {
          throw ParquetFault("the schema has a field that is not required, optional or repeated")
        }
        element.repetition = repetition
      case 4: element.name = try reader.string(kind)
      case 5: element.childCount = try reader.integer(kind)
      case 6: element.converted = try reader.integer(kind)
      case 7: element.scale = try reader.integer(kind)
      case 10: element.annotation = try Annotation(&reader, kind)
      default: try reader.skip(kind)
      }
    }
    if element.annotation == .none, let converted = element.converted {
      element.annotation = Annotation(converted: converted, scale: element.scale)
    }
    self = element
  }

  private init() {}
}
