/// The whole number that a text spells as JSON does, without a plus sign or zeros before it.
func wholeNumber(_ text: String) -> Int? {
  guard let number = Int(text), text.utf8.elementsEqual(String(number).utf8) else { return nil }
  return number
}

/// The whole number that a label spells, of any size, as JSON spells it; also from a fraction such as `1.0`, which
/// tables contain in columns with gaps.
func wholeLabel(_ text: String) -> String? {
  var digits = text.utf8[...]
  if let point = digits.firstIndex(of: UInt8(ascii: ".")) {
    let zeros = digits[digits.index(after: point)...]
    guard !zeros.isEmpty, zeros.allSatisfy({ $0 == UInt8(ascii: "0") }) else { return nil }
    digits = digits[..<point]
  }
  let size = digits.first == UInt8(ascii: "-") ? digits.dropFirst() : digits
  guard let first = size.first, size.allSatisfy({ (0x30...0x39).contains($0) }),
    first != UInt8(ascii: "0") || size.count == 1 && size.count == digits.count
  else { return nil }
  return String(Substring(digits))
}
