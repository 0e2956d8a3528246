import LowRankReports
import Testing

@Suite struct `A bar chart` {
  private func chart(_ bars: [BarChart.Bar]) -> BarChart {
    BarChart(
      "Bars", subject: "module", axis: Axis("rank kept"), totalName: "rank before", bars: bars)
  }

  private func lengths(_ drawing: Drawing, _ fill: Drawing.Paint) -> [Double] {
    drawing.rectangles.filter { $0.hint != nil && $0.fill == fill }.map(\.rectangle.width)
  }

  @Test func `has bars as long as their values`() {
    let drawing = chart([
      BarChart.Bar("a", 4, of: 16), BarChart.Bar("b", 8, of: 16), BarChart.Bar("c", 0, of: 16),
    ]).drawing
    let (kept, before) = (lengths(drawing, .series(0)), lengths(drawing, .grid))
    #expect(kept.count == 3 && before.count == 3)
    #expect(abs(kept[1] - 2 * kept[0]) < 1e-9)
    #expect(abs(before[0] - 4 * kept[0]) < 1e-9)
    #expect(kept[2] == 0)
    #expect(drawing.holds("4 of 16"))
    #expect(drawing.holds("rank before"))
  }

  @Test func `has bars that begin at zero, also below it`() {
    let bars = chart([BarChart.Bar("a", -5), BarChart.Bar("b", 10)]).drawing.rectangles
      .filter { $0.hint != nil }.map(\.rectangle)
    #expect(abs(bars[0].origin.x + bars[0].width - bars[1].origin.x) < 1e-9)
    #expect(abs(bars[1].width - 2 * bars[0].width) < 1e-9)
  }

  @Test func `says which values it lacks`() {
    let figure = chart([BarChart.Bar("a", .nan, of: 3), BarChart.Bar("b", 1, of: .infinity)])
    #expect(lengths(figure.drawing, .series(0)).count == 1)
    #expect(figure.drawing.holds("no value"))
    #expect(figure.summary.contains("1 bar has no finite value."))
    #expect(ParsedXML(figure.drawing.standaloneSVG).fault == nil)
  }

  @Test func `draws next to nothing too`() {
    for bars in [[], [BarChart.Bar("", 0)], [BarChart.Bar("a", 0, of: 0)]] {
      #expect(ParsedXML(chart(bars).drawing.standaloneSVG).fault == nil)
    }
    #expect(chart([]).drawing.holds("no data"))
  }

  @Test func `puts long labels above its bars, where they fit`() throws {
    let label = "model.layers.12.self_attn.q_proj"
    let narrow = chart([BarChart.Bar(label, 1)]).drawing(width: 358, titled: false)
    #expect(narrow.point(of: label)?.x == 6)
    #expect(shortened("a.b.c.layers.12.q_proj", to: 90, size: 12) == "…rs.12.q_proj")
    #expect(shortened("ranks kept of all", to: 90, size: 12) == "ranks … of all")
    let endless = String(repeating: "x", count: 500)
    let drawing = chart([BarChart.Bar(endless, 1)]).drawing(width: 358, titled: false)
    #expect(drawing.width == 358)
    #expect(drawing.texts.contains { $0.content.contains("…") })
    #expect(drawing.rectangles.contains { $0.hint?.contains(endless) == true })
  }
}
