extension Drawing {
  /// One thing that is drawn.
  public enum Shape: Hashable, Sendable {
    /// A filled rectangle; the hint is shown while a pointer rests on it.
    case rectangle(Rectangle, fill: Paint, hint: String? = nil)
    /// A straight line.
    case line(Point, Point, Stroke)
    /// A line through several points.
    case polyline([Point], Stroke)
    /// A filled area within several points.
    case polygon([Point], fill: Paint)
    /// A filled circle.
    case circle(Point, radius: Double, fill: Paint)
    /// A line of text, which stands on the point.
    case text(String, Point, Lettering, hint: String? = nil)
  }

  /// A rectangle with its sides along the axes.
  public struct Rectangle: Hashable, Sendable {
    /// The upper left corner.
    public var origin: Point
    /// The width.
    public var width: Double
    /// The height.
    public var height: Double
    /// How much the corners are rounded.
    public var radius: Double

    /// Makes the rectangle.
    public init(
      _ x: Double, _ y: Double, width: Double, height: Double, radius: Double = 0
    ) {
      origin = Point(x, y)
      (self.width, self.height, self.radius) = (width, height, radius)
    }
  }

  /// How a line is drawn.
  public struct Stroke: Hashable, Sendable {
    /// Its colour.
    public var paint: Paint
    /// Its width.
    public var width: Double
    /// Lengths of dashes and gaps in turn; empty for a solid line.
    public var dashes: [Double]

    /// Makes the stroke.
    public init(_ paint: Paint, width: Double = 1, dashes: [Double] = []) {
      (self.paint, self.width, self.dashes) = (paint, width, dashes)
    }
  }

  /// How text is set.
  public struct Lettering: Hashable, Sendable {
    /// Which part of the text is at its point.
    public enum Anchor: String, Hashable, Sendable {
      case start
      case middle
      case end
    }

    /// Its colour.
    public var paint: Paint
    /// The size of the font.
    public var size: Double
    /// Which part of the text is at its point.
    public var anchor: Anchor
    /// Degrees clockwise about its point.
    public var rotation: Double
    /// Whether it is bold.
    public var bold: Bool
    /// Whether it keeps lines under it away by a rim of the surface's colour.
    public var rimmed: Bool

    /// Makes the lettering.
    public init(
      _ paint: Paint = .ink, size: Double = 12, anchor: Anchor = .start, rotation: Double = 0,
      bold: Bool = false, rimmed: Bool = false
    ) {
      (self.paint, self.size, self.anchor) = (paint, size, anchor)
      (self.rotation, self.bold, self.rimmed) = (rotation, bold, rimmed)
    }
  }
}
