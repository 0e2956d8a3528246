import Foundation

extension Drawing {
  /// The largest width and height of an image.
  static let largestSide = 32_767

  /// The drawing as the bytes of a PNG file, in light colours.
  ///
  /// It is drawn by librsvg and cairo, which are loaded here and not linked, and in the fonts that are installed.
  ///
  /// - Parameter scale: pixels for each unit of the drawing, above zero.
  /// - Throws: ``DrawingError``.
  public func png(scale: Double = 2) throws(DrawingError) -> Data {
    try png(scale: scale, renderer: { () throws(DrawingError) in try SVGRenderer() })
  }

  /// The bytes of a PNG file by a given renderer.
  package func png(
    scale: Double, renderer: () throws(DrawingError) -> SVGRenderer
  ) throws(DrawingError) -> Data {
    precondition(scale > 0 && scale.isFinite, "a scale of \(scale)")
    let sides = [width, height].map {
      Int(min(1e9, (($0 + 2 * Self.margin) * scale).rounded(.up)))
    }
    guard sides.allSatisfy({ $0 <= Self.largestSide }) else {
      throw .tooLarge(width: sides[0], height: sides[1])
    }
    return try renderer().png(standaloneSVG, width: sides[0], height: sides[1])
  }
}
