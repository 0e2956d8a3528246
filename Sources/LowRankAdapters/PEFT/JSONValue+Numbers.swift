import Foundation
import LowRankCheckpoints

extension JSONValue {
  /// A number as it was given, without a fraction where it has none; it reads back as the same number.
  static func exact(_ value: Double) -> JSONValue {
    Int(exactly: value).map { .integer($0) } ?? .double(value)
  }

  /// A number that was worked out, such as α from a scale and a rank, to 15 significant digits.
  ///
  /// That takes away what double precision rounded on the way: `0.1 / 3 · 3` is written as 0.1 again.
  static func computed(_ value: Double) -> JSONValue {
    exact(Double(String(format: "%.15g", value)) ?? value)
  }
}
