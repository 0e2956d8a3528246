import LowRankTensors

/// The header of a GGUF file, with every rule of the format checked.
struct GGUFHeader {
  struct Entry {
    let name: TensorName
    let type: StoredType
    let shape: Shape
    /// The tensor's bytes in the file.
    let range: Range<Int>
  }

  let metadata: [(key: TensorName, value: GGUFValue)]
  /// Where in the file each value of the metadata lies, its type before it.
  let valueRanges: [Range<Int>]
  /// What the offsets of tensors are multiples of.
  let alignment: Int
  let entries: [Entry]

  private static let mostDimensions = 4

  /// Reads a header.
  ///
  /// - Parameter keepsVocabulary: whether the lists of the tokenizer have their elements.
  init(
    of bytes: UnsafeRawBufferPointer, at path: String, keepsVocabulary: Bool = true
  ) throws(GGUFError) {
    guard bytes.starts(with: GGUFFile.magic) else {
      throw GGUFError(path, "this is no GGUF file: it does not begin with the letters GGUF")
    }
    var scanner = GGUFScanner(UnsafeRawBufferPointer(rebasing: bytes[4...]), at: path)
    let version = try scanner.integer(UInt32.self, of: "the version")
    guard (2...3).contains(version) else {
      throw scanner.fault("GGUF of version \(version) is not supported, expected 2 or 3")
    }
    let tensorCount = try scanner.count(of: "tensors", atLeast: 24)
    let count = try scanner.count(of: "metadata", atLeast: 13)
    var (metadata, keys): ([(key: TensorName, value: GGUFValue)], Set<TensorName>) = ([], [])
    var valueRanges: [Range<Int>] = []
    for _ in 0..<count {
      let key = TensorName(try scanner.text(of: "the key of metadata"))
      guard keys.insert(key).inserted else { throw scanner.fault("\"\(key)\" occurs twice") }
      let keepsLists = keepsVocabulary || !key.hasPrefix("tokenizer.ggml.")
      let start = 4 + scanner.position
      metadata.append((key, try scanner.value(of: key.text, keepsLists: keepsLists)))
      valueRanges.append(start..<4 + scanner.position)
    }
    let alignment = try Self.alignment(in: metadata, path)
    var infos: [Info] = []
    for _ in 0..<tensorCount { infos.append(try Info(&scanner)) }
    let end = 4 + scanner.position
    let start = (end + alignment - 1) / alignment * alignment
    (self.metadata, self.valueRanges, self.alignment) = (metadata, valueRanges, alignment)
    entries = try Self.entries(infos, start..<max(start, bytes.count), alignment, path)
  }

  private static func alignment(
    in metadata: [(key: TensorName, value: GGUFValue)], _ path: String
  ) throws(GGUFError) -> Int {
    guard let value = metadata.first(where: { $0.key == "general.alignment" })?.value else {
      return GGUFFile.standardAlignment
    }
    guard let number = value.integer, (1...65_536).contains(number), number & (number - 1) == 0
    else { throw GGUFError(path, "\"general.alignment\" must be a power of two up to 65536") }
    return number
  }

  /// Places the tensors in the bytes that follow the header: aligned, within the file, apart from each other.
  private static func entries(
    _ infos: [Info], _ data: Range<Int>, _ alignment: Int, _ path: String
  ) throws(GGUFError) -> [Entry] {
    var (entries, names): ([Entry], Set<TensorName>) = ([], [])
    try checkLength(infos, data, path)
    for info in infos {
      guard names.insert(info.name).inserted else {
        throw GGUFError(path, "two tensors have the name \"\(info.name)\"")
      }
      guard info.offset % UInt64(alignment) == 0 else {
        throw GGUFError(
          path, "tensor \"\(info.name)\" begins at \(info.offset), no multiple of \(alignment)")
      }
      let start = data.lowerBound + Int(info.offset)
      entries.append(
        Entry(
          name: info.name, type: info.type, shape: info.shape, range: start..<start + info.size))
    }
    let ordered = entries.sorted { $0.range.lowerBound < $1.range.lowerBound }
    for (entry, next) in zip(ordered, ordered.dropFirst())
    where entry.range.upperBound > next.range.lowerBound {
      throw GGUFError(path, "the tensors \"\(entry.name)\" and \"\(next.name)\" overlap")
    }
    let end = ordered.last?.range.upperBound ?? data.lowerBound
    guard data.upperBound - end < alignment else {
      throw GGUFError(path, "\(data.upperBound - end) bytes follow the last tensor")
    }
    return entries
  }

  /// Refuses a file that ends before its last tensor does.
  private static func checkLength(
    _ infos: [Info], _ data: Range<Int>, _ path: String
  ) throws(GGUFError) {
    let ends = infos.map { info in
      let (end, overflows) = info.offset.addingReportingOverflow(UInt64(info.size))
      return overflows ? .max : end
    }
    guard let end = ends.max(), end > UInt64(data.count) else { return }
    let (length, overflows) = end.addingReportingOverflow(UInt64(data.lowerBound))
    throw GGUFError(
      path,
      "the file is cut short: \(data.upperBound) of \(overflows ? .max : length) bytes are there; copy or download it again"
    )
  }

  /// What the header says of a tensor.
  private struct Info {
    let name: TensorName
    let type: StoredType
    let shape: Shape
    let size: Int
    let offset: UInt64

    init(_ scanner: inout GGUFScanner) throws(GGUFError) {
      name = TensorName(try scanner.text(of: "the name of a tensor"))
      let what = "tensor \"\(name)\""
      let count = try scanner.integer(UInt32.self, of: what)
      guard (1...UInt32(mostDimensions)).contains(count) else {
        throw scanner.fault("\(what) has \(count) dimensions, expected 1 to \(mostDimensions)")
      }
      var extents: [Int] = []
      for _ in 0..<count {
        let extent = try scanner.integer(UInt64.self, of: what)
        guard let extent = Int(exactly: extent), extent > 0 else {
          throw scanner.fault("\(what) has an extent of \(extent)")
        }
        extents.append(extent)
      }
      let code = try scanner.integer(UInt32.self, of: what)
      offset = try scanner.integer(UInt64.self, of: what)
      guard let type = GGUFTensorType.stored[code] else {
        throw scanner.fault(
          "\(what) is stored as \(GGUFTensorType.name(code)), which is not read: expected \(Self.readable)"
        )
      }
      // The innermost extent is written first.
      shape = Shape(extents.reversed())
      self.type = type
      if let block = type.elementType?.block.count, !shape.columns.isMultiple(of: block) {
        throw scanner.fault(
          "\(what) of \(shape) has rows that are no whole blocks of \(block), as \(type.rawValue) has them"
        )
      }
      guard let size = type.bytes(of: shape) else {
        throw scanner.fault("\(what) of \(shape) is larger than any file")
      }
      self.size = size
    }

    private static let readable =
      "F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q2_K to Q6_K or IQ4_NL"
  }
}
