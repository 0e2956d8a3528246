extension Text {
  /// The answers of Python's `str.isalnum` and its relatives.
  func isOf(_ name: String) -> Bool {
    let scalars = Array(scalars)
    switch name {
    case "isascii": return isASCII
    case "isprintable": return scalars.allSatisfy(Characters.isPrintable)
    case "islower":
      return scalars.contains(where: Characters.isLowercase)
        && !scalars.contains { Characters.isUppercase($0) || Characters.isTitlecase($0) }
    case "isupper":
      return scalars.contains(where: Characters.isUppercase)
        && !scalars.contains { Characters.isLowercase($0) || Characters.isTitlecase($0) }
    case "istitle": return isTitle(scalars)
    case "isidentifier":
      guard let first = scalars.first else { return false }
      return (first == "_" || first.properties.isXIDStart)
        && scalars.dropFirst().allSatisfy(\.properties.isXIDContinue)
    default: break
    }
    let has: (Unicode.Scalar) -> Bool =
      switch name {
      case "isalpha": Characters.isAlphabetic
      case "isdecimal": Characters.isDecimal
      case "isdigit": Characters.isDigit
      case "isnumeric": Characters.isNumeric
      case "isspace": Characters.isSpace
      default: { Characters.isAlphabetic($0) || Characters.isNumeric($0) }
      }
    return !scalars.isEmpty && scalars.allSatisfy(has)
  }

  private func isTitle(_ scalars: [Unicode.Scalar]) -> Bool {
    var (isInWord, found) = (false, false)
    for scalar in scalars {
      if Characters.isUppercase(scalar) || Characters.isTitlecase(scalar) {
        if isInWord { return false }
        (isInWord, found) = (true, true)
      } else if Characters.isLowercase(scalar) {
        guard isInWord else { return false }
        found = true
      } else {
        isInWord = false
      }
    }
    return found
  }

  /// At least so wide, as `center`, `ljust`, `rjust` and `zfill` fill up.
  func padded(to width: Int, with fill: Text, _ name: String) -> Text {
    let count = count
    let missing = width - count
    guard missing > 0 else { return self }
    func fills(_ count: Int) -> [UInt8] { Array(repeatElement(fill.bytes, count: count).joined()) }
    switch name {
    case "ljust": return Text(bytes: bytes + fills(missing))
    case "rjust": return Text(bytes: fills(missing) + bytes)
    case "zfill":
      let signs = bytes.first.map { [UInt8(ascii: "+"), UInt8(ascii: "-")].contains($0) } ?? false
      let sign = signs ? 1 : 0
      return Text(bytes: bytes[..<sign] + fills(missing) + bytes[sign...])
    default:
      // Python puts the odd one on the left where the width is odd.
      let left = missing / 2 + (missing & width & 1)
      return Text(bytes: fills(left) + bytes + fills(missing - left))
    }
  }
}
