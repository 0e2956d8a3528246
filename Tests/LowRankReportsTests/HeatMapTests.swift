import LowRankReports
import Testing

@Suite struct `A heat map` {
  private func map(_ values: [[Double?]], scale: Axis = Axis("energy", unit: "%")) -> HeatMap {
    HeatMap(
      "Map", rows: values.indices.map { "\($0)" }, rowTitle: "layer",
      columns: (values.first ?? []).indices.map { "c\($0)" }, columnTitle: "module",
      values: values, scale: scale)
  }

  private func places(_ drawing: Drawing) -> [Double] {
    drawing.rectangles.filter { $0.hint != nil }.compactMap {
      guard case .scale(let place) = $0.fill else { return nil }
      return place
    }
  }

  @Test func `has colours by value`() {
    let drawing = map([[0, 5], [10, 2.5]]).drawing(width: 358, titled: false)
    #expect(places(drawing) == [0, 0.5, 1, 0.25])
    #expect(drawing.rectangles.contains { $0.hint == "layer 1, module c0: 10" })
    #expect(["0.00", "5.00", "10.00"].allSatisfy { drawing.point(of: $0) == nil })
    #expect(["0.0", "5.0", "10.0", "2.5"].allSatisfy { drawing.point(of: $0) != nil })
    #expect(drawing.holds("energy (%)"))
  }

  @Test func `has its cells in rows and columns`() throws {
    let cells = map([[1, 2, 3], [4, 5, 6]]).drawing(width: 358, titled: false)
      .rectangles.filter { $0.hint != nil }.map(\.rectangle)
    #expect(cells.count == 6)
    #expect(cells[3].origin.x == cells[0].origin.x)
    #expect(cells[3].origin.y - cells[0].origin.y == 22)
    #expect(cells[1].origin.x - cells[0].origin.x == 64)
  }

  @Test func `strikes through what has no value, and says why`() {
    let figure = map([[nil, .nan, 1], [.infinity, 2, 3]])
    let drawing = figure.drawing
    #expect(places(drawing) == [0, 0.5, 1])
    // Of the cells, and of the legend.
    #expect(drawing.rectangles.count { $0.fill == .grid } == 4)
    #expect(drawing.rectangles.contains { $0.hint == "layer 0, module c0: no value" })
    #expect(drawing.rectangles.contains { $0.hint == "layer 0, module c1: not a number" })
    #expect(drawing.holds("2 cells have no finite value."))
    #expect(figure.summary.contains("2 cells have no finite value."))
    #expect(figure.table.rows[1] == [.text("1"), .number(.infinity), .number(2), .number(3)])
    #expect(figure.table.rows[0][1] == .empty)
  }

  @Test func `strikes through what a logarithmic scale cannot show`() {
    let figure = map([[0, 1, 10, 100]], scale: Axis("e", scale: .logarithmic))
    #expect(places(figure.drawing) == [0, 0.5, 1])
    #expect(figure.summary.contains("1 cell is at or below zero"))
  }

  @Test(
    arguments: [
      [], [[]], [[nil]], [[.nan]], [[3]], [[7, 7]], [[-1e308, 1e308]],
    ] as [[[Double?]]])
  func `draws next to nothing too`(values: [[Double?]]) {
    let figure = map(values)
    #expect(ParsedXML(figure.drawing.standaloneSVG).fault == nil)
    #expect(places(figure.drawing).allSatisfy { (0...1).contains($0) })
    let section = Report.Section("y", [.figure(figure, caption: "")])
    #expect(ParsedXML(Report("x", sections: [section]).html).fault == nil)
  }

  @Test func `grows rather than becoming unreadable`() {
    let wide = map([(0..<64).map(Double.init)])
    #expect(wide.drawing(width: 358, titled: false).width > 640)
    let cells = wide.drawing(width: 358, titled: false).rectangles.filter { $0.hint != nil }
    #expect(cells.allSatisfy { $0.rectangle.width >= 10 })
    let layers = SampleReport.heatMap
    #expect(layers.drawing(width: 358, titled: false).width <= 358)
    for width in [358.0, 720] {
      for figure in [wide, layers, SampleReport.grid] {
        let sizes = figure.drawing(width: width, titled: true).texts.map(\.lettering.size)
        #expect(sizes.allSatisfy { $0 >= 11 })
      }
    }
  }

  @Test func `has all colours alike where all values are`() {
    #expect(places(map([[7, 7], [7, 7]]).drawing) == [0.5, 0.5, 0.5, 0.5])
  }
}
