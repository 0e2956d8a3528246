import Foundation

/// The sequential colour scale, from violet through blue and green to yellow.
///
/// Its anchors are equal steps of lightness in OKLCH, from 0.33 to 0.93, so equal differences look equal, also to those
/// who do not tell colours apart; and neither end is lost on white or on black.
package enum ColourScale {
  /// A colour of a screen.
  package struct Colour: Hashable {
    let red: Double
    let green: Double
    let blue: Double

    init(_ hexadecimal: UInt32) {
      red = Double(hexadecimal >> 16 & 255)
      green = Double(hexadecimal >> 8 & 255)
      blue = Double(hexadecimal & 255)
    }

    init(between first: Colour, and second: Colour, at share: Double) {
      red = first.red + share * (second.red - first.red)
      green = first.green + share * (second.green - first.green)
      blue = first.blue + share * (second.blue - first.blue)
    }

    /// `#rrggbb`.
    package var hexadecimal: String {
      let digits = Array("0123456789abcdef".utf8)
      var bytes = [UInt8(ascii: "#")]
      for part in [red, green, blue] {
        let byte = Int(part.rounded())
        bytes += [digits[byte >> 4], digits[byte & 15]]
      }
      return String(decoding: bytes, as: UTF8.self)
    }

    /// The relative luminance of WCAG.
    package var luminance: Double {
      func linear(_ part: Double) -> Double {
        let share = part / 255
        return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
      }
      return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }
  }

  static let anchors: [Colour] = [
    0x3C157E, 0x2B389B, 0x025B9E, 0x02769B, 0x04909F, 0x0EA99F, 0x0CC592, 0x74D779, 0xBCE365,
    0xFCEC5E,
  ].map { Colour($0) }

  /// The colour at a place from 0 to 1; what lies outside has the colour of the nearer end.
  package static func colour(at place: Double) -> Colour {
    guard !place.isNaN else { return anchors[0] }
    let position = min(1, max(0, place)) * Double(anchors.count - 1)
    let index = min(Int(position), anchors.count - 2)
    return Colour(
      between: anchors[index], and: anchors[index + 1], at: position - Double(index))
  }

  /// Black or white, whichever is more readable on the colour.
  package static func ink(at place: Double) -> Colour {
    // The contrasts to white and to black are equal where (L + 0.05)² = 1.05 · 0.05.
    colour(at: place).luminance > 0.179 ? Colour(0x000000) : Colour(0xFFFFFF)
  }
}
