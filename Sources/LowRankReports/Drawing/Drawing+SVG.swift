extension Drawing {
  /// The drawing as an `svg` element for a page whose style sheet defines the colours.
  ///
  /// - Parameter id: unique in the page.
  public func svg(id: String) -> String {
    var writer = SVGWriter(paint: \.variable)
    writer.write(self, id: id)
    return writer.text
  }

  /// The space around the drawing in a file of its own.
  public static let margin = 16.0

  /// The drawing as a file of its own, with a margin and in light colours that any viewer shows.
  public var standaloneSVG: String {
    var writer = SVGWriter(paint: \.light)
    let margin = Self.margin
    let whole = Rectangle(
      -margin, -margin, width: width + 2 * margin, height: height + 2 * margin)
    var framed = self
    framed.shapes.insert(.rectangle(whole, fill: .surface), at: 0)
    writer.text = #"<?xml version="1.0" encoding="UTF-8"?>"# + "\n"
    writer.write(
      framed, id: "drawing", margin: margin, attributes: #" xmlns="http://www.w3.org/2000/svg""#)
    writer.text += "\n"
    return writer.text
  }
}
