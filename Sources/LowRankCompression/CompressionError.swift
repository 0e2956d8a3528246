import Foundation
import LowRankKeys

/// Why an adapter cannot be compressed as wished.
public enum CompressionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No component of any module would be left.
  case nothingKept(largest: Double, modules: Int)
  /// The calibration has nothing of a module.
  case notCalibrated(module: String)
  /// The importance of a module's components cannot be computed from gradients of its factors.
  case noGradient(module: String)
  /// Healing made the loss not finite.
  case diverged(rate: Double)

  /// One sentence.
  public var description: String {
    switch self {
    case .nothingKept(let largest, let modules):
      """
      nothing of the \(modules) modules would be kept, and an adapter needs a rank of at least 1; their largest \
      singular value is \(String(format: "%.4g", largest))
      """
    case .notCalibrated(let module):
      "the calibration data never reached \(module): it has no row, or the base lacks the module"
    case .noGradient(let module):
      "\(module) is no linear map with one pair of factors, of which alone importance is known; leave \(setting: "importance") out"
    case .diverged(let rate):
      "healing at a learning rate of \(rate) made the loss not finite; give a lower \(setting: "heal_learning_rate")"
    }
  }
}
