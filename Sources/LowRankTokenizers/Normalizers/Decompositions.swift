/// Unicode's decompositions and compositions, as of the reference's version, which is 9.
///
/// The tables are lists of `key=scalars;` in hexadecimal. A key is counted from the key before it,
/// and `+n` says that the *n* scalars after it decompose into the scalars after its own.
struct Decompositions: Sendable {
  private let table: [UInt32: [UInt32]]

  static let canonical = Decompositions(parse(canonicalTable))
  static let compatibility = Decompositions(
    parse(canonicalTable).merging(parse(compatibilityTable)) { $1 })

  private init(_ table: [UInt32: [UInt32]]) { self.table = table }

  /// What a scalar consists of; none where it stands for itself.
  func callAsFunction(_ scalar: UInt32) -> [UInt32]? {
    if scalar < 0xA0 { return nil }
    if let syllable = Hangul.decompose(scalar) { return syllable }
    return table[scalar]
  }

  /// The scalar that two others make, if there is one.
  static func compose(_ first: UInt32, _ second: UInt32) -> UInt32? {
    Hangul.compose(first, second) ?? compositions[UInt64(first) << 32 | UInt64(second)]
  }

  /// Primary composites by their two halves, the first of which is itself composed.
  private static let compositions: [UInt64: UInt32] = {
    var composites: [[UInt32]: UInt32] = [:]
    for (composite, parts) in canonical.table where parts.count > 1 {
      guard let scalar = Unicode.Scalar(composite),
        !scalar.properties.isFullCompositionExclusion
      else { continue }
      composites[parts] = composite
    }
    var result: [UInt64: UInt32] = [:]
    for (parts, composite) in composites {
      let first = parts.count == 2 ? parts[0] : composites[Array(parts.dropLast())]
      if let first, let second = parts.last {
        result[UInt64(first) << 32 | UInt64(second)] = composite
      }
    }
    return result
  }()

  private static func parse(_ text: StaticString) -> [UInt32: [UInt32]] {
    var result: [UInt32: [UInt32]] = [:]
    var key: UInt32 = 0
    var run: UInt32 = 0
    var parts: [UInt32] = []
    var number: UInt32 = 0
    var previous: UInt8 = 0
    for byte in UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount) {
      switch byte {
      case UInt8(ascii: "+"):
        key += number
        number = 0
        previous = byte
      case UInt8(ascii: "="):
        if previous == UInt8(ascii: "+") { run = number } else { key += number }
        number = 0
        previous = byte
      case UInt8(ascii: " "), UInt8(ascii: ";"):
        parts.append(number)
        number = 0
        guard byte == UInt8(ascii: ";") else { continue }
        for offset in 0...run { result[key + offset] = run == 0 ? parts : [parts[0] + offset] }
        key += run
        run = 0
        parts = []
        previous = byte
      default:
        number = number << 4 | UInt32(byte <= 0x39 ? byte - 0x30 : byte - 0x41 + 10)
      }
    }
    return result
  }
}

/// Korean syllables, which are made of two or three letters by a formula.
enum Hangul {
  private static let (syllables, leading, vowels, trailing): (UInt32, UInt32, UInt32, UInt32) =
    (0xAC00, 0x1100, 0x1161, 0x11A7)
  private static let (leadingCount, vowelCount, trailingCount): (UInt32, UInt32, UInt32) =
    (19, 21, 28)

  static func decompose(_ scalar: UInt32) -> [UInt32]? {
    guard scalar >= syllables else { return nil }
    let index = scalar - syllables
    guard index < leadingCount * vowelCount * trailingCount else { return nil }
    let (pair, last) = index.quotientAndRemainder(dividingBy: trailingCount)
    let letters = [leading + pair / vowelCount, vowels + pair % vowelCount]
    return last == 0 ? letters : letters + [trailing + last]
  }

  static func compose(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if first >= leading, first < leading + leadingCount,
      second >= vowels, second < vowels + vowelCount
    {
      return syllables + ((first - leading) * vowelCount + second - vowels) * trailingCount
    }
    guard first >= syllables,
      first - syllables < leadingCount * vowelCount * trailingCount,
      (first - syllables) % trailingCount == 0,
      second > trailing, second < trailing + trailingCount
    else { return nil }
    return first + second - trailing
  }
}
