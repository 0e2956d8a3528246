/// A drawing that grows downwards.
struct Sketch {
  /// The sizes of letters.
  enum Size {
    static let title = 15.0
    static let label = 12.0
    static let cell = 11.0
  }

  var shapes: [Drawing.Shape] = []
  /// Where the next thing begins.
  var y = 0.0
  /// Where lines of text are broken.
  let width: Double

  /// Begins with the title, or with nothing.
  init(width: Double, title: String?) {
    self.width = width
    guard let title else { return }
    paragraph(title, .ink, size: Size.title, bold: true)
    y += 6
  }

  /// Adds text in as many lines as it needs.
  mutating func paragraph(
    _ text: String, _ paint: Drawing.Paint = .muted, size: Double = Size.label, bold: Bool = false
  ) {
    for line in wrapped(text, to: width, size: size, bold: bold) {
      let hint = text.contains(line) ? nil : text
      self.text(
        line, 0, y + size, Drawing.Lettering(paint, size: size, bold: bold), hint: hint)
      y += (size * 1.35).rounded()
    }
  }

  /// Adds a line of text.
  mutating func text(
    _ content: String, _ x: Double, _ y: Double, _ lettering: Drawing.Lettering,
    hint: String? = nil
  ) {
    shapes.append(.text(content, Drawing.Point(x, y), lettering, hint: hint))
  }

  /// Adds a label that is shortened where it does not fit; the whole is its hint then.
  mutating func label(
    _ content: String, _ x: Double, _ y: Double, limit: Double, _ lettering: Drawing.Lettering
  ) {
    let short = shortened(content, to: limit, size: lettering.size)
    text(short, x, y, lettering, hint: short == content ? nil : content)
  }

  /// Adds a straight line.
  mutating func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ stroke: Drawing.Stroke
  ) {
    shapes.append(.line(Drawing.Point(x1, y1), Drawing.Point(x2, y2), stroke))
  }

  /// Adds a rectangle.
  mutating func rectangle(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ fill: Drawing.Paint,
    radius: Double = 0, hint: String? = nil
  ) {
    let rectangle = Drawing.Rectangle(x, y, width: width, height: height, radius: radius)
    shapes.append(.rectangle(rectangle, fill: fill, hint: hint))
  }

  /// Adds a rectangle that says that there is no value.
  mutating func blank(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, hint: String? = nil
  ) {
    rectangle(x, y, width, height, .grid, hint: hint)
    line(x, y + height, x + width, y, Drawing.Stroke(.muted))
  }

  /// The drawing, as high as it has become.
  func drawing(of figure: some Figure, width: Double) -> Drawing {
    Drawing(
      title: figure.title, description: figure.summary, width: width.rounded(.up),
      height: max(1, y.rounded(.up)), shapes: shapes)
  }
}
