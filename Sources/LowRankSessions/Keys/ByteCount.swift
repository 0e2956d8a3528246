import Foundation

/// A number of bytes as people write it, in powers of 1000.
package struct ByteCount {
  package let bytes: Int

  package init?(_ text: String) {
    let units = [("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("B", 1)]
    let (digits, unit) =
      units.first { text.uppercased().hasSuffix($0.0) }
      .map { (String(text.dropLast($0.0.count)), $0.1) } ?? (text, 1)
    guard let number = Double(digits.trimmingCharacters(in: .whitespaces)), number > 0,
      number * unit < 1e18
    else { return nil }
    // As written: 4.1 KB are 4100 bytes, though the product is a little less.
    bytes = Int((number * unit).rounded())
  }
}
