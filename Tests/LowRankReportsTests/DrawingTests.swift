import Foundation
import LowRankReports
import Testing

/// What names from files may hold.
let hostileNames = [
  "a<b>&\"c\"'d'", "</title></svg><script>alert(1)</script>", "]]>", "<!--",
  "\u{0}\u{1}\u{8}\u{1F}",
  "\u{FFFE}\u{FFFF}\u{7F}\u{9F}", "line\nbreak\ttab\r", "q\u{202E}jorp", "モジュール 🚀 é", "\u{1FFFE}",
]

@Suite struct `A drawing` {
  private func drawing(_ name: String) -> Drawing {
    Drawing(
      title: name, description: name, width: 100, height: 50,
      shapes: [
        .rectangle(Drawing.Rectangle(1.25, 2, width: 3, height: 4), fill: .scale(0), hint: name),
        .line(Drawing.Point(0, 0), Drawing.Point(-0.004, 1 / 3), Drawing.Stroke(.grid)),
        .polyline(
          [Drawing.Point(0, 0), Drawing.Point(1e6, 0.005)],
          Drawing.Stroke(.series(1), width: 2, dashes: [4, 2.5])),
        .polygon([Drawing.Point(0, 0), Drawing.Point(1, 0), Drawing.Point(0, 1)], fill: .ink),
        .circle(Drawing.Point(5, 5), radius: 2, fill: .series(9)),
        .text(
          name, Drawing.Point(10, 20),
          Drawing.Lettering(.muted, anchor: .end, rotation: -45, bold: true, rimmed: true),
          hint: name),
      ])
  }

  @Test(arguments: hostileNames)
  func `is well-formed whatever its texts hold`(name: String) {
    for text in [drawing(name).svg(id: name), drawing(name).standaloneSVG] {
      let parsed = ParsedXML(text)
      #expect(parsed.fault == nil)
      #expect(parsed.count("script") == 0)
      #expect(parsed.count("svg") == 1)
    }
  }

  @Test func `says texts as they are`() {
    let name = "layers.0<&>\"x\"'y' é 🚀"
    let parsed = ParsedXML(drawing(name).standaloneSVG)
    #expect(parsed.text.components(separatedBy: name).count == 6)
  }

  @Test func `replaces what XML cannot hold, and what turns the direction of text`() {
    let svg = drawing("a\u{1}b\u{202E}c").standaloneSVG
    #expect(svg.contains(">a\u{FFFD}b\u{FFFD}c</text>"))
    #expect(!svg.unicodeScalars.contains("\u{1}"))
    #expect(!svg.unicodeScalars.contains("\u{202E}"))
  }

  @Test func `has coordinates of two decimals`() {
    let svg = drawing("x").svg(id: "d")
    #expect(svg.contains(##"<rect x="1.25" y="2" width="3" height="4" fill="#3c157e">"##))
    #expect(svg.contains(##"<line x1="0" y1="0" x2="0" y2="0.33" stroke="var(--grid)"/>"##))
    #expect(svg.contains(#"points="0,0 1000000,0.01""#))
    #expect(svg.contains(#"stroke-dasharray="4 2.5""#))
    #expect(svg.contains(#"transform="rotate(-45 10 20)""#))
  }

  @Test func `is named by its title and description`() throws {
    let parsed = ParsedXML(drawing("x").svg(id: "d"))
    let attributes = try #require(parsed.elements.first?.attributes)
    #expect(attributes["role"] == "img")
    #expect(attributes["aria-labelledby"] == "d-title d-description")
    #expect(parsed.ids == ["d-title", "d-description"])
    #expect(attributes["viewBox"] == "0 0 100 50")
  }

  @Test func `has variables for colours in a page and colours in a file`() {
    let page = drawing("x").svg(id: "d")
    let file = drawing("x").standaloneSVG
    #expect(page.contains(#"fill="var(--series-1)""#))
    #expect(!page.contains("xmlns"))
    #expect(!file.contains("var("))
    #expect(file.contains(##"<rect x="-16" y="-16" width="132" height="82" fill="#ffffff"/>"##))
    #expect(file.contains(#"viewBox="-16 -16 132 82" width="132" height="82""#))
    #expect(file.contains(#"xmlns="http://www.w3.org/2000/svg""#))
  }

  @Test func `has colours that grow lighter, with text that can be read on them`() {
    let places = (0...200).map { Double($0) / 200 }
    let luminances = places.map { ColourScale.colour(at: $0).luminance }
    #expect(zip(luminances, luminances.dropFirst()).allSatisfy { $0 < $1 })
    for place in places {
      let (one, other) = (
        ColourScale.colour(at: place).luminance, ColourScale.ink(at: place).luminance
      )
      #expect((max(one, other) + 0.05) / (min(one, other) + 0.05) >= 4.5)
    }
    #expect(ColourScale.colour(at: -1) == ColourScale.colour(at: 0))
    #expect(ColourScale.colour(at: 2).hexadecimal == "#fcec5e")
    #expect(ColourScale.colour(at: .nan).hexadecimal == "#3c157e")
  }
}
