import ArgumentParser
import Foundation

/// A share as a flag takes it: 0.9, or 90%.
struct ShareValue: ExpressibleByArgument, CustomStringConvertible {
  /// The share, 0.9 for 90%.
  let value: Double

  /// Reads a number, or one before a percent sign.
  init?(argument: String) {
    let isPercent = argument.hasSuffix("%")
    guard let number = Double(isPercent ? String(argument.dropLast()) : argument) else {
      return nil
    }
    value = isPercent ? number / 100 : number
  }

  var description: String { "\(value)" }
}
