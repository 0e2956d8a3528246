import Foundation
import LowRankReports
import Testing

@Suite struct `A line plot` {
  private func plot(
    _ points: [(Double, Double)], x: Axis = Axis("x"), y: Axis = Axis("y"), name: String = "",
    references: [LinePlot.Reference] = []
  ) -> LinePlot {
    LinePlot(
      "Plot", x: x, y: y,
      series: [LinePlot.Series(name, points.map { LinePlot.Point($0.0, $0.1) })],
      references: references)
  }

  @Test func `puts values where they belong`() throws {
    let drawing = plot([(0, 0), (50, 5), (100, 10)]).drawing(width: 720, titled: false)
    let centres = drawing.circles(.series(0))
    // The area is 340 high, from 24 to 364, and its vertical axis goes from 0 to 10.
    #expect(centres.map(\.y) == [364, 194, 24])
    let (first, last) = (try #require(centres.first), try #require(centres.last))
    #expect(abs(centres[1].x - (first.x + last.x) / 2) < 1e-9)
    // Labels stand at the values they name.
    #expect(drawing.point(of: "10")?.y == 28)
    #expect(drawing.texts.contains { $0.content == "100" && abs($0.point.x - last.x) < 1e-9 })
    #expect(drawing.polylines == [centres])
  }

  @Test func `puts powers of ten at equal distances on a logarithmic axis`() {
    let drawing = plot([(1, 0.001), (2, 0.1), (3, 10)], y: Axis("y", scale: .logarithmic))
      .drawing(width: 358, titled: false)
    let heights = drawing.circles(.series(0)).map(\.y)
    #expect(abs((heights[0] - heights[1]) - (heights[1] - heights[2])) < 1e-9)
    #expect(heights[0] - heights[2] > 150)
    #expect(["0.001", "0.01", "0.1", "1", "10"].allSatisfy { drawing.point(of: $0) != nil })
  }

  @Test func `leaves out what a logarithmic axis cannot show, and says so`() {
    let figure = plot(
      [(1, 1), (2, 10), (3, 0), (4, -5), (5, 100), (6, .nan)],
      y: Axis("y", scale: .logarithmic), name: "loss")
    let drawing = figure.drawing(width: 720, titled: true)
    // Three markers and that of the legend.
    #expect(drawing.circles(.series(0)).count == 4)
    // The line is broken: one point alone has none.
    #expect(drawing.polylines.map(\.count) == [2])
    let sentences = [
      "Left out: 2 points of loss at or below zero, which a logarithmic axis cannot show.",
      "Left out: 1 point of loss without a finite value.",
    ]
    for sentence in sentences {
      #expect(figure.summary.contains(sentence))
      #expect(drawing.holds(sentence))
    }
    // But the table has them.
    #expect(figure.table.rows.count == 6)
    #expect(figure.table.rows[2] == [.number(3), .number(0)])
  }

  @Test(arguments: [
    [], [(1.0, 1.0)], [(0, 0)], [(.nan, .nan)], [(1e308, -1e308), (-1e308, 1)],
    [(.leastNonzeroMagnitude, .leastNonzeroMagnitude), (1, 1)], [(1, 1), (1 + 1e-15, 1 + 1e-15)],
    [(3e299, -3e299), (-3e299, 1)],
  ])
  func `draws next to nothing too`(points: [(Double, Double)]) {
    for scale in [Axis.Scale.linear, .logarithmic] {
      let figure = plot(points, x: Axis("x", scale: scale), y: Axis("y", scale: scale))
      let drawing = figure.drawing
      let parsed = ParsedXML(drawing.standaloneSVG)
      #expect(parsed.fault == nil)
      let shown = drawing.circles(.series(0))
      #expect(shown.allSatisfy { (0...720).contains($0.x) && (0...drawing.height).contains($0.y) })
      #expect(drawing.holds("no data") == shown.isEmpty)
      #expect(drawing.texts.count < 60)
    }
  }

  @Test func `has a centre for one point`() throws {
    let drawing = plot([(7, 3)]).drawing(width: 720, titled: false)
    #expect(drawing.circles(.series(0)).count == 1)
    #expect(drawing.polylines.isEmpty)
    #expect(!drawing.holds("no data"))
  }

  @Test func `shows references within its axes`() throws {
    let drawing = plot(
      [(0, 0), (10, 10)],
      references: [.horizontal(20, label: "base"), .vertical(.nan, label: "nowhere")]
    ).drawing(width: 720, titled: false)
    // The axis goes to 20 now, so the reference is at the top and 10 in the middle.
    #expect(drawing.circles(.series(0)).map(\.y) == [364, 194])
    #expect(abs((drawing.point(of: "base")?.y ?? 0) - 40) < 1e-9)
    #expect(!drawing.holds("nowhere"))
  }

  @Test func `tells series apart without colours`() {
    let figure = LinePlot(
      "Plot", x: Axis("x"), y: Axis("y"),
      series: (0..<8).map { index in
        LinePlot.Series("s\(index)", [LinePlot.Point(0, 0), LinePlot.Point(1, Double(index))])
      })
    let drawing = figure.drawing
    let dashes = drawing.shapes.compactMap { shape -> [Double]? in
      guard case .polyline(_, let stroke) = shape else { return nil }
      return stroke.dashes
    }
    #expect(Set(dashes).count == 8)
    #expect((0..<8).allSatisfy { drawing.point(of: "s\($0)") != nil })
    #expect(figure.table.columns == ["x", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"])
    #expect(figure.table.rows.count == 2)
  }

  @Test func `keeps the extremes of many points`() throws {
    var points = (0..<20_000).map { (Double($0), sin(Double($0) / 900)) }
    points[12_345].1 = 50
    let drawing = plot(points).drawing(width: 720, titled: false)
    let line = try #require(drawing.polylines.first)
    #expect(line.count < 4 * 720)
    #expect(line.first?.x == drawing.circles(.series(0)).first?.x)
    #expect(line.map(\.y).min() == 24)
    #expect(drawing.circles(.series(0)).count < 60)
  }

  @Test func `lists points one by one where a value occurs twice`() {
    let table = plot([(1, 2), (1, 3)], name: "a").table
    #expect(table.columns == ["Series", "x", "y"])
    #expect(table.rows.map { $0[2] } == [.number(2), .number(3)])
  }
}
