/// What stored values mean.
enum Annotation: Hashable, Sendable {
  /// The values are as they are stored.
  case none
  case text
  case list
  case map
  case decimal(scale: Int)
  case date
  case time(TimeUnit)
  case timestamp(TimeUnit, isUTC: Bool)
  case integer(isSigned: Bool, bits: Int)
  case uuid
  case float16
  /// Every value is null.
  case null

  /// Reads a logical type, of which there is one for each number in the format.
  init(_ reader: inout ThriftReader, _ kind: ThriftReader.Kind) throws(ParquetFault) {
    var annotation = Self.none
    try reader.structure(kind) { reader, id, kind throws(ParquetFault) in
      switch id {
      case 1, 4, 12: annotation = .text
      case 2: annotation = .map
      case 3: annotation = .list
      case 5:
        annotation = .decimal(scale: try Self.parameters(&reader, kind).scale)
        return
      case 6: annotation = .date
      case 7:
        annotation = .time(try Self.parameters(&reader, kind).unit)
        return
      case 8:
        let parameters = try Self.parameters(&reader, kind)
        annotation = .timestamp(parameters.unit, isUTC: parameters.isTrue)
        return
      case 10:
        let parameters = try Self.parameters(&reader, kind)
        annotation = .integer(isSigned: parameters.isTrue, bits: parameters.scale)
        return
      case 11: annotation = .null
      case 14: annotation = .uuid
      case 15: annotation = .float16
      default: break
      }
      try reader.skip(kind)
    }
    self = annotation
  }

  /// The fields of a logical type: a number, a truth value and a unit of time, as far as it has them.
  private static func parameters(
    _ reader: inout ThriftReader, _ kind: ThriftReader.Kind
  ) throws(ParquetFault) -> (scale: Int, isTrue: Bool, unit: TimeUnit) {
    var (scale, isTrue, unit) = (0, false, TimeUnit.milliseconds)
    try reader.structure(kind) { reader, id, kind throws(ParquetFault) in
      switch kind {
      case .yes, .no: isTrue = try reader.bool(kind)
      case .structure:
        try reader.structure { reader, id, kind throws(ParquetFault) in
          unit = [1: .milliseconds, 2: .microseconds, 3: .nanoseconds][id] ?? unit
          try reader.skip(kind)
        }
      // A decimal has its precision second.
      case .byte where id == 1, .integer where id == 1: scale = try reader.integer(kind)
      default: try reader.skip(kind)
      }
    }
    return (scale, isTrue, unit)
  }

  /// The meaning of a converted type, the older form of logical types.
  init(converted: Int, scale: Int) {
    self =
      switch converted {
      case 0, 4, 19: .text
      case 1, 2: .map
      case 3: .list
      case 5: .decimal(scale: scale)
      case 6: .date
      case 7: .time(.milliseconds)
      case 8: .time(.microseconds)
      case 9: .timestamp(.milliseconds, isUTC: true)
      case 10: .timestamp(.microseconds, isUTC: true)
      case 11...14: .integer(isSigned: false, bits: 8 << (converted - 11))
      case 15...18: .integer(isSigned: true, bits: 8 << (converted - 15))
      default: .none
      }
  }
}

/// The unit in which times are counted.
enum TimeUnit: Int, Sendable {
  case milliseconds = 1_000
  case microseconds = 1_000_000
  case nanoseconds = 1_000_000_000
}
