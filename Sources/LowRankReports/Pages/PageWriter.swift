/// Writes the parts of a page and counts its figures and tables.
struct PageWriter {
  /// The page so far.
  var text = ""
  private var figures = 0
  private var tables = 0

  /// Appends facts as a list of names and values.
  mutating func write(_ facts: [Report.Fact]) {
    guard !facts.isEmpty else { return }
    text += "<dl class=\"facts\">\n"
    for fact in facts {
      // What would be broken into many lines gets a row of its own.
      let isLong = textWidth(fact.value, size: 16, bold: true) > 300
      text += isLong ? "<div class=\"long\">" : "<div>"
      text += "<dt>\(escaped(fact.name))</dt><dd>\(escaped(fact.value))</dd></div>\n"
    }
    text += "</dl>\n"
  }

  /// Appends the table of contents.
  mutating func writeContents(_ sections: [Report.Section]) {
    text += "<nav aria-label=\"Contents\">\n<h2>Contents</h2>\n<ol>\n"
    for (index, section) in sections.enumerated() {
      text += "<li><a href=\"#section-\(index + 1)\">\(escaped(section.heading))</a></li>\n"
    }
    text += "</ol>\n</nav>\n"
  }

  /// Appends a section.
  mutating func write(_ section: Report.Section, number: Int) {
    let id = "section-\(number)"
    text += "<section aria-labelledby=\"\(id)\">\n"
    text += "<h2 id=\"\(id)\">\(escaped(section.heading))</h2>\n"
    for block in section.blocks {
      switch block {
      case .paragraph(let paragraph): text += "<p>\(escaped(paragraph))</p>\n"
      case .figure(let figure, let caption): write(figure, caption)
      case .table(let table, let caption):
        tables += 1
        text += "<figure class=\"tabular\">\n<figcaption><b>Table \(tables).</b> "
        text += "\(escaped(caption))</figcaption>\n"
        write(table, label: "Table \(tables)")
        text += "</figure>\n"
      }
    }
    text += "</section>\n"
  }

  /// Appends a figure for narrow and for wide windows, of which the style sheet shows one, and its numbers.
  private mutating func write(_ figure: some Figure, _ caption: String) {
    figures += 1
    let name = "Figure \(figures)"
    text += "<figure>\n"
    let narrow = figure.drawing(width: FigureWidth.narrow, titled: false)
    let wide = figure.drawing(width: FigureWidth.wide, titled: false)
    if narrow == wide {
      write(narrow, "", within: FigureWidth.narrow, name, id: "figure-\(figures)")
    } else {
      write(narrow, "narrow", within: FigureWidth.narrow, name, id: "figure-\(figures)-narrow")
      write(wide, "wide", within: FigureWidth.wide, name, id: "figure-\(figures)-wide")
    }
    text += "<figcaption><b>\(name). \(escaped(figure.title)).</b> \(escaped(caption))"
    text += "</figcaption>\n<details>\n<summary>Numbers of figure \(figures)</summary>\n"
    write(figure.table, label: "Numbers of figure \(figures)")
    text += "</details>\n</figure>\n"
  }

  /// Appends a picture, which scrolls within its box where it is wider than the window.
  private mutating func write(
    _ drawing: Drawing, _ condition: String, within width: Double, _ name: String, id: String
  ) {
    let scrolls = drawing.width > width
    text += "<div class=\"\(scrolls ? "scroll drawing" : "drawing") \(condition)\""
    if scrolls {
      text += " role=\"region\" tabindex=\"0\" aria-label=\"\(name), scrolls sideways\""
    }
    text += " style=\"--width:\(decimal(drawing.width))px\">\n"
    text += drawing.svg(id: id)
    text += "\n</div>\n"
  }
}
