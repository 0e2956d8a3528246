/// Series of points, joined by lines.
///
/// Series differ in colour, dashes and markers. A point without a finite value, or at or below zero on a logarithmic
/// axis, is left out; the line is broken there and the figure says so.
public struct LinePlot: Figure, Hashable, Sendable {
  /// Values of one kind.
  public struct Series: Hashable, Sendable {
    /// What they are.
    public var name: String
    /// The points, in the order in which they are joined.
    public var points: [Point]

    /// Makes the series.
    public init(_ name: String, _ points: [Point]) {
      (self.name, self.points) = (name, points)
    }
  }

  /// A pair of values.
  public struct Point: Hashable, Sendable {
    /// The value on the horizontal axis.
    public var x: Double
    /// The value on the vertical axis.
    public var y: Double

    /// Makes the point.
    public init(_ x: Double, _ y: Double) {
      (self.x, self.y) = (x, y)
    }
  }

  /// A line to compare with.
  public enum Reference: Hashable, Sendable {
    /// At a value of the vertical axis.
    case horizontal(Double, label: String)
    /// At a value of the horizontal axis.
    case vertical(Double, label: String)
  }

  /// A few words that say what is shown.
  public var title: String
  /// The horizontal axis.
  public var x: Axis
  /// The vertical axis.
  public var y: Axis
  /// The series.
  public var series: [Series]
  /// Lines to compare with.
  public var references: [Reference]

  /// Makes the plot.
  public init(
    _ title: String, x: Axis, y: Axis, series: [Series], references: [Reference] = []
  ) {
    (self.title, self.x, self.y) = (title, x, y)
    (self.series, self.references) = (series, references)
  }

  /// Whether a point can be drawn: its values are finite, and above zero on a logarithmic axis.
  func shows(_ point: Point) -> Bool {
    x.shows(point.x) && y.shows(point.y)
  }

  /// The points that can be drawn.
  var shownPoints: [Point] {
    series.flatMap { $0.points.filter(shows) }
  }

  /// The lines to compare with that can be drawn.
  var shownReferences: [Reference] {
    references.filter {
      switch $0 {
      case .horizontal(let value, _): y.shows(value)
      case .vertical(let value, _): x.shows(value)
      }
    }
  }
}
