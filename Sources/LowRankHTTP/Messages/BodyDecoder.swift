/// Extracts a body from the bytes of a connection, by its length or its chunks.
struct BodyDecoder {
  private enum State {
    /// The number of data bytes that remain; a line end follows those of a chunk.
    case data(Int)
    case size
    case lineEnd
    case trailer
    case over
  }

  /// The limit on the bytes of a chunk's first line, and of all trailers together.
  private static let lineLimit = 4096

  private var state: State
  private let isChunked: Bool
  private var trailerBytes = 0

  init(_ framing: RequestHead.Framing) {
    switch framing {
    case .length(let count): (state, isChunked) = (count == 0 ? .over : .data(count), false)
    case .chunked: (state, isChunked) = (.size, true)
    }
  }

  var isOver: Bool {
    if case .over = state { true } else { false }
  }

  /// Takes the next bytes of the body from the input.
  ///
  /// - Returns: No bytes if the input holds none yet, or at the end.
  /// - Throws: ``HTTPFailure``.
  mutating func next(from input: inout InputBuffer) throws -> [UInt8] {
    while true {
      switch state {
      case .over: return []
      case .data(let count):
        let bytes = input.take(upTo: count)
        guard !bytes.isEmpty else { return [] }
        let isLast = bytes.count == count
        state = !isLast ? .data(count - bytes.count) : isChunked ? .lineEnd : .over
        return bytes
      case .lineEnd:
        guard let line = try line(from: &input) else { return [] }
        guard line.isEmpty else { throw Self.malformed }
        state = .size
      case .size:
        guard let line = try line(from: &input) else { return [] }
        let count = try Self.size(line)
        state = count == 0 ? .trailer : .data(count)
      case .trailer:
        guard let line = try line(from: &input) else { return [] }
        trailerBytes += line.count
        guard trailerBytes <= Self.lineLimit else { throw Self.malformed }
        if line.isEmpty { state = .over }
      }
    }
  }

  private func line(from input: inout InputBuffer) throws -> ArraySlice<UInt8>? {
    guard let line = input.takeLine() else {
      guard input.count <= Self.lineLimit else { throw Self.malformed }
      return nil
    }
    guard line.count <= Self.lineLimit, line.last == 0x0D else { throw Self.malformed }
    return line.dropLast()
  }

  /// Parses the size of a chunk; extensions are ignored.
  private static func size(_ line: ArraySlice<UInt8>) throws -> Int {
    let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 && $0 != 0x09 }
    let isHexadecimal = digits.allSatisfy {
      Character(UnicodeScalar($0)).hexDigitValue != nil
    }
    guard (1...15).contains(digits.count), isHexadecimal,
      let size = Int(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw malformed }
    return size
  }

  private static let malformed = HTTPFailure(.badRequest, "The chunks of the body are malformed.")
}
