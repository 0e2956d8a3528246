import LowRankReports
import Testing

@Suite struct `Every figure` {
  private static let figures: [any Figure] = [
    SampleReport.heatMap, SampleReport.grid, SampleReport.sweep, SampleReport.spectrum,
    SampleReport.bars, SampleReport.losses, SampleReport.time,
  ]

  @Test(arguments: [320.0, 358, 720], [false, true])
  func `has its texts within its edges, and large enough to be read`(width: Double, titled: Bool) {
    for figure in Self.figures {
      let drawing = figure.drawing(width: width, titled: titled)
      for (content, point, lettering) in drawing.texts {
        let length = textWidth(content, size: lettering.size, bold: lettering.bold)
        let start =
          switch lettering.anchor {
          case .start: point.x
          case .middle: point.x - length / 2
          case .end: point.x - length
          }
        let end = lettering.rotation == 0 ? start + length : point.x + 0.71 * length
        #expect(start >= -1, "\(content) in \(figure.title)")
        #expect(end <= drawing.width + 1, "\(content) in \(figure.title)")
        #expect(point.y <= drawing.height, "\(content) in \(figure.title)")
        #expect(lettering.size >= 11)
      }
    }
  }

  @Test func `has a title only where one is wanted, and the same numbers`() {
    for figure in Self.figures {
      #expect(figure.drawing.holds(figure.title))
      #expect(!figure.drawing(width: 720, titled: false).holds(figure.title))
      #expect(!figure.summary.isEmpty && !figure.table.rows.isEmpty)
    }
  }

  @Test func `fits a phone unless it has very many columns`() {
    for figure in Self.figures where figure.title != SampleReport.grid.title {
      #expect(figure.drawing(width: 358, titled: false).width <= 358, "\(figure.title)")
    }
  }
}
