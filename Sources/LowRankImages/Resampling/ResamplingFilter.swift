import Foundation

/// How the samples of a resized image are weighed, by the number that Pillow gives it.
public enum ResamplingFilter: Int, Hashable, Sendable, CaseIterable {
  case lanczos = 1
  case bilinear = 2
  case bicubic = 3
  case box = 4
  case hamming = 5

  /// How far from its middle a filter weighs samples, in samples of an image that grows.
  var support: Double {
    switch self {
    case .box: 0.5
    case .bilinear, .hamming: 1
    case .bicubic: 2
    case .lanczos: 3
    }
  }

  /// The weight of a sample at a distance.
  func weight(_ distance: Double) -> Double {
    switch self {
    case .box: return distance > -0.5 && distance <= 0.5 ? 1 : 0
    case .bilinear: return max(0, 1 - abs(distance))
    case .hamming:
      let x = abs(distance)
      guard x > 0 else { return 1 }
      guard x < 1 else { return 0 }
      return sin(.pi * x) / (.pi * x) * (0.54 + 0.46 * cos(.pi * x))
    case .bicubic:
      let (x, a) = (abs(distance), -0.5)
      if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
    case .lanczos:
      guard distance >= -3, distance < 3 else { return 0 }
      return Self.sinc(distance) * Self.sinc(distance / 3)
    }
  }

  private static func sinc(_ x: Double) -> Double {
    x == 0 ? 1 : sin(.pi * x) / (.pi * x)
  }
}
