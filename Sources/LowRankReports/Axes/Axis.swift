/// What values along an axis, or on a colour scale, mean.
public struct Axis: Hashable, Sendable {
  /// How values become places.
  public enum Scale: Hashable, Sendable {
    /// Equal differences are equally far apart.
    case linear
    /// Equal ratios are equally far apart; what is not above zero has no place.
    case logarithmic
  }

  /// What is measured.
  public var title: String
  /// What it is measured in.
  public var unit: String?
  /// How values become places.
  public var scale: Scale
  /// Values that the axis shows in any case.
  public var covering: ClosedRange<Double>?

  /// Makes the axis.
  public init(
    _ title: String, unit: String? = nil, scale: Scale = .linear,
    covering: ClosedRange<Double>? = nil
  ) {
    (self.title, self.unit, self.scale, self.covering) = (title, unit, scale, covering)
  }

  /// Title and unit.
  var label: String {
    guard let unit, !unit.isEmpty else { return title }
    return title.isEmpty ? unit : "\(title) (\(unit))"
  }

  /// Whether a value has a place on it.
  func shows(_ value: Double) -> Bool {
    switch scale {
    case .linear: abs(value) < 1e300
    case .logarithmic: value > 1e-300 && value < 1e300
    }
  }

  /// A value as a linear measure of its place.
  func measure(_ value: Double) -> Double {
    scale == .linear ? value : value.logarithm
  }
}
