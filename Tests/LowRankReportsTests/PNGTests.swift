import Foundation
import LowRankReports
import Testing

private let rendererIsThere = (try? SVGRenderer()) != nil

@Suite struct `A PNG image` {
  /// The big-endian number at an offset.
  private func number(_ data: Data, at offset: Int) -> Int {
    data.dropFirst(offset).prefix(4).reduce(0) { $0 << 8 | Int($1) }
  }

  @Test(.enabled(if: rendererIsThere, "librsvg is not installed"), arguments: [0.5, 1, 2, 2.3])
  func `has the size of its drawing`(scale: Double) throws {
    let drawing = SampleReport.sweep.drawing
    let data = try drawing.png(scale: scale)
    #expect(Array(data.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    #expect(number(data, at: 16) == Int(((drawing.width + 32) * scale).rounded(.up)))
    #expect(number(data, at: 20) == Int(((drawing.height + 32) * scale).rounded(.up)))
    // Something is on it: an even area of that size takes a few hundred bytes.
    #expect(data.count > 5_000)
  }

  @Test(.enabled(if: rendererIsThere, "librsvg is not installed"), arguments: hostileNames)
  func `is drawn whatever its texts hold`(name: String) throws {
    let chart = BarChart(
      name, subject: name, axis: Axis(name), bars: [BarChart.Bar(name, 1, of: 2)])
    #expect(try chart.drawing.png().count > 500)
  }

  @Test func `needs libraries, and says which and how to get them`() {
    for path in [\SVGRenderer.Names.rsvg, \.cairo, \.gobject] {
      var names = SVGRenderer.Names()
      names[keyPath: path] = "libnowhere.so.7"
      let error = #expect(throws: DrawingError.self) {
        try SampleReport.time.drawing.png(scale: 1) { () throws(DrawingError) in
          try SVGRenderer(names)
        }
      }
      #expect(error == .libraryMissing("libnowhere.so.7") || !rendererIsThere)
    }
    #expect(
      DrawingError.libraryMissing("libnowhere.so.7").description == """
        PNG images need libnowhere.so.7, which is not installed; on Debian: apt-get install \
        librsvg2-2 libcairo2 fonts-dejavu-core
        """)
  }

  @Test func `is not larger than cairo allows`() {
    let drawing = Drawing(title: "", description: "", width: 40_000, height: 10)
    #expect(throws: DrawingError.tooLarge(width: 40_032, height: 42)) {
      try drawing.png(scale: 1)
    }
    #expect(throws: DrawingError.tooLarge(width: 1_000_000_000, height: 1_000_000_000)) {
      try drawing.png(scale: 1e300)
    }
  }
}
