import Foundation

/// A coordinate with at most two decimals.
func decimal(_ number: Double) -> String {
  // What is not a number has no place; figures leave it out long before.
  guard abs(number) < 1e12 else { return "0" }
  return trimmed(fixed(number, decimals: 2, minus: "-"))
}

/// A number with that many decimals.
func fixed(_ number: Double, decimals: Int, minus: String = "−") -> String {
  let scale = powersOfTen[min(decimals, powersOfTen.count - 1)]
  guard decimals < powersOfTen.count, abs(number) * scale < 9e15 else {
    return String(format: "%.\(decimals)f", number).replacing("-", with: minus)
  }
  let whole = Int((abs(number) * scale).rounded())
  let sign = number < 0 && whole > 0 ? minus : ""
  guard decimals > 0 else { return sign + String(whole) }
  let digits = String(whole)
  let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.utf8.count)) + digits
  return "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
}

/// A decimal fraction without the zeros at its end.
func trimmed(_ text: String) -> String {
  guard text.utf8.contains(UInt8(ascii: ".")) else { return text }
  var text = Substring(text)
  while text.utf8.last == UInt8(ascii: "0") { text.removeLast() }
  if text.utf8.last == UInt8(ascii: ".") { text.removeLast() }
  return String(text)
}

private let powersOfTen = (0...12).map { pow(10, Double($0)) }
