/// Writes drawings as SVG, with colours as they are given.
struct SVGWriter {
  /// The elements so far.
  var text = ""
  /// How a colour is written.
  let paint: (Drawing.Paint) -> String

  /// The fonts of all text, drawn or not.
  static let fonts = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"

  init(paint: @escaping (Drawing.Paint) -> String) {
    self.paint = paint
  }

  /// Appends the `svg` element.
  mutating func write(
    _ drawing: Drawing, id: String, margin: Double = 0, attributes: String = ""
  ) {
    let id = escaped(id)
    let (width, height) = (drawing.width + 2 * margin, drawing.height + 2 * margin)
    let box = [-margin, -margin, width, height].map(decimal).joined(separator: " ")
    text += "<svg\(attributes) viewBox=\"\(box)\""
    attribute("width", width)
    attribute("height", height)
    text += """
       role="img" aria-labelledby="\(id)-title \(id)-description" font-family="\(Self.fonts)">
      <title id="\(id)-title">\(escaped(drawing.title))</title>
      <desc id="\(id)-description">\(escaped(drawing.description))</desc>

      """
    for shape in drawing.shapes {
      write(shape)
      text += "\n"
    }
    text += "</svg>"
  }

  private mutating func write(_ shape: Drawing.Shape) {
    switch shape {
    case .rectangle(let rectangle, let fill, let hint):
      text += "<rect"
      attribute("x", rectangle.origin.x)
      attribute("y", rectangle.origin.y)
      attribute("width", max(0, rectangle.width))
      attribute("height", max(0, rectangle.height))
      if rectangle.radius > 0 { attribute("rx", rectangle.radius) }
      text += " fill=\"\(paint(fill))\""
      close("rect", hint)
    case .line(let start, let end, let stroke):
      text += "<line"
      attribute("x1", start.x)
      attribute("y1", start.y)
      attribute("x2", end.x)
      attribute("y2", end.y)
      write(stroke)
      text += "/>"
    case .polyline(let points, let stroke):
      text += "<polyline fill=\"none\" stroke-linejoin=\"round\""
      write(points)
      write(stroke)
      text += "/>"
    case .polygon(let points, let fill):
      text += "<polygon fill=\"\(paint(fill))\""
      write(points)
      text += "/>"
    case .circle(let centre, let radius, let fill):
      text += "<circle"
      attribute("cx", centre.x)
      attribute("cy", centre.y)
      attribute("r", radius)
      text += " fill=\"\(paint(fill))\"/>"
    case .text(let content, let point, let lettering, let hint):
      write(content, point, lettering, hint)
    }
  }

  private mutating func write(
    _ content: String, _ point: Drawing.Point, _ lettering: Drawing.Lettering, _ hint: String?
  ) {
    text += "<text"
    attribute("x", point.x)
    attribute("y", point.y)
    attribute("font-size", lettering.size)
    text += " fill=\"\(paint(lettering.paint))\""
    if lettering.anchor != .start { text += " text-anchor=\"\(lettering.anchor.rawValue)\"" }
    if lettering.bold { text += " font-weight=\"600\"" }
    if lettering.rimmed {
      text += " paint-order=\"stroke\" stroke-width=\"4\" stroke-linejoin=\"round\""
      text += " stroke=\"\(paint(.surface))\""
    }
    if lettering.rotation != 0 {
      text += " transform=\"rotate("
      for (index, number) in [lettering.rotation, point.x, point.y].enumerated() {
        if index > 0 { text += " " }
        append(number)
      }
      text += ")\""
    }
    text += ">"
    if let hint { text += "<title>\(escaped(hint))</title>" }
    text += "\(escaped(content))</text>"
  }

  private mutating func write(_ points: [Drawing.Point]) {
    text += " points=\""
    for (index, point) in points.enumerated() {
      if index > 0 { text += " " }
      append(point.x)
      text += ","
      append(point.y)
    }
    text += "\""
  }

  private mutating func write(_ stroke: Drawing.Stroke) {
    text += " stroke=\"\(paint(stroke.paint))\""
    if stroke.width != 1 { attribute("stroke-width", stroke.width) }
    guard !stroke.dashes.isEmpty else { return }
    text += " stroke-dasharray=\"\(stroke.dashes.map(decimal).joined(separator: " "))\""
  }

  private mutating func attribute(_ name: String, _ number: Double) {
    text += " \(name)=\""
    append(number)
    text += "\""
  }

  private mutating func append(_ number: Double) {
    text += decimal(number)
  }

  private mutating func close(_ name: String, _ hint: String?) {
    guard let hint else {
      text += "/>"
      return
    }
    text += "><title>\(escaped(hint))</title></\(name)>"
  }
}
