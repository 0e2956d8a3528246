/// What the patterns ask of a scalar, one byte each, built a page of 256 at a time when first met.
///
/// Asking Unicode costs a tenth of a microsecond a scalar: too much for each, and too much for all
/// of them at the start.
struct ScalarClasses: Sendable {
  struct Flags: OptionSet, Sendable {
    let rawValue: UInt8

    static let letter = Flags(rawValue: 1)
    static let number = Flags(rawValue: 2)
    static let space = Flags(rawValue: 4)
    /// Letters that may stand in a capitalised beginning: all but lower case, and marks.
    static let upper = Flags(rawValue: 8)
    /// Letters that may stand in a word's rest: all but upper and title case, and marks.
    static let lower = Flags(rawValue: 16)
    /// `\w` of Oniguruma.
    static let word = Flags(rawValue: 32)
    static let punctuation = Flags(rawValue: 64)
    /// Marks that combine with the character before them.
    static let mark = Flags(rawValue: 128)
  }

  private var pageOf: [UInt16]
  private var flags: [UInt8]

  init() {
    pageOf = Array(repeating: 0, count: 0x110000 >> 8)
    // Page 0 says "not built"; its contents are never read.
    flags = Array(repeating: 0, count: 256)
  }

  @inline(__always)
  subscript(_ value: UInt32) -> Flags {
    mutating get {
      var page = Int(pageOf[Int(value >> 8)])
      if page == 0 { page = build(page: Int(value >> 8)) }
      return Flags(rawValue: flags[page << 8 | Int(value & 0xFF)])
    }
  }

  /// The class of the scalar at byte `at`, and the byte after it.
  @inline(__always)
  mutating func read(
    _ bytes: UnsafeBufferPointer<UInt8>, at: Int
  ) -> (flags: Flags, end: Int) {
    let (value, length) = UTF8Text.scalar(in: bytes, at: at)
    return (self[value], at + length)
  }

  /// The end of the longest run of scalars from byte `at` on that have any of `wanted`, or, where
  /// `inverted`, none of it; at most `limit` scalars.
  @inline(__always)
  mutating func run(
    _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, _ wanted: Flags,
    inverted: Bool = false, limit: Int = .max
  ) -> Int {
    var at = start
    var left = limit
    while at < bytes.count, left > 0 {
      let (flags, end) = read(bytes, at: at)
      if flags.isDisjoint(with: wanted) != inverted { break }
      at = end
      left -= 1
    }
    return at
  }

  @inline(never)
  private mutating func build(page: Int) -> Int {
    let index = flags.count >> 8
    flags.reserveCapacity(flags.count + 256)
    for value in UInt32(page << 8)..<UInt32(page << 8 + 256) {
      flags.append(Unicode.Scalar(value).map(Self.classify)?.rawValue ?? 0)
    }
    pageOf[page] = UInt16(index)
    return index
  }

  private static func classify(_ scalar: Unicode.Scalar) -> Flags {
    guard UnicodeProperties.isKnown(scalar, in: UnicodeProperties.patterns) else { return [] }
    var flags: Flags = []
    switch scalar.properties.generalCategory {
    // U+0295 became a caseless letter in Unicode 17.
    case .otherLetter where scalar.value == 0x295: flags = [.letter, .lower, .word]
    case .uppercaseLetter, .titlecaseLetter: flags = [.letter, .upper, .word]
    case .lowercaseLetter: flags = [.letter, .lower, .word]
    case .modifierLetter, .otherLetter: flags = [.letter, .upper, .lower, .word]
    case .nonspacingMark, .spacingMark, .enclosingMark: flags = [.upper, .lower, .word, .mark]
    case .decimalNumber: flags = [.number, .word]
    // Oniguruma counts all of Latin-1's numerals as word characters.
    case .otherNumber where scalar.value < 0x100: flags = [.number, .word]
    case .letterNumber, .otherNumber: flags = [.number]
    case .connectorPunctuation: flags = [.word, .punctuation]
    case .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation:
      flags = [.punctuation]
    default: break
    }
    if scalar.properties.isAlphabetic { flags.insert(.word) }
    if scalar.properties.isWhitespace { flags.insert(.space) }
    return flags
  }
}
