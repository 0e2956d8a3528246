import Foundation
import LowRankCheckpoints

extension JSONValue {
  /// A number as given, as an integer if it has no fraction; it reads back as the same number.
  static func exact(_ value: Double) -> JSONValue {
    Int(exactly: value).map { .integer($0) } ?? .double(value)
  }

  /// A computed number, such as α from a scale and a rank, to 15 significant digits.
  ///
  /// This removes rounding errors of double precision: `0.1 / 3 · 3` is written as 0.1.
  static func computed(_ value: Double) -> JSONValue {
    exact(Double(String(format: "%.15g", value)) ?? value)
  }
}
