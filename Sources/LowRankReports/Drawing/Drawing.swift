/// A picture as a value: shapes in semantic colours, which become SVG or PNG.
///
/// Coordinates are in CSS pixels, the origin is the upper left corner. What the picture says is also in its
/// description, for those who do not see it.
public struct Drawing: Hashable, Sendable {
  /// A place.
  public struct Point: Hashable, Sendable {
    /// From the left.
    public var x: Double
    /// From the top.
    public var y: Double

    /// Makes the point.
    public init(_ x: Double, _ y: Double) {
      (self.x, self.y) = (x, y)
    }
  }

  /// Its name, a few words.
  public let title: String
  /// The text alternative, a few sentences.
  public let description: String
  /// The width.
  public let width: Double
  /// The height.
  public let height: Double
  /// What is drawn, in order: later shapes cover earlier ones.
  public var shapes: [Shape]

  /// Makes the drawing.
  public init(
    title: String, description: String, width: Double, height: Double, shapes: [Shape] = []
  ) {
    precondition(
      width > 0 && height > 0 && width.isFinite && height.isFinite,
      "a drawing of \(width) by \(height)")
    (self.title, self.description) = (title, description)
    (self.width, self.height, self.shapes) = (width, height, shapes)
  }
}
