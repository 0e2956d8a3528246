import LowRankReports
import Testing

/// The labels of axes as figures show them.
@Suite struct `An axis` {
  /// The labels of a horizontal axis.
  private func labels(
    _ range: ClosedRange<Double>, _ scale: Axis.Scale = .linear, width: Double = 720
  ) -> [String] {
    let plot = LinePlot(
      "", x: Axis("", scale: scale, covering: range), y: Axis(""), series: [])
    let drawing = plot.drawing(width: width, titled: false)
    let bottom = drawing.texts.filter { $0.lettering.anchor == .middle && $0.content != "no data" }
    // The last is the empty title.
    return bottom.dropLast().map(\.content)
  }

  @Test func `has ticks at 1, 2 or 5 times a power of ten`() {
    #expect(labels(0...10, width: 358) == ["0", "2", "4", "6", "8", "10"])
    #expect(labels(0...1, width: 358) == ["0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(labels(-0.3...0.3, width: 358) == ["−0.3", "−0.2", "−0.1", "0", "0.1", "0.2", "0.3"])
  }

  @Test func `shortens thousands, and writes the very small as powers`() {
    #expect(labels(0...50_000, width: 358) == ["0", "10k", "20k", "30k", "40k", "50k"])
    #expect(labels(0...4e6, width: 358) == ["0", "1M", "2M", "3M", "4M"])
    #expect(labels(0...4e-7, width: 358) == ["0", "10⁻⁷", "2×10⁻⁷", "3×10⁻⁷", "4×10⁻⁷"])
  }

  @Test func `has ticks at powers of ten, or between them where there are few`() {
    #expect(
      labels(0.001...1000, .logarithmic) == ["0.001", "0.01", "0.1", "1", "10", "100", "1,000"])
    #expect(labels(1...100, .logarithmic) == ["1", "2", "5", "10", "20", "50", "100"])
    #expect(labels(1e-12...1, .logarithmic, width: 358).contains("10⁻¹²"))
    #expect(labels(2.1...2.4, .logarithmic).contains("2.20"))
  }

  @Test(arguments: [
    0.0...1e-12, 1e15...1.1e15, -1e250...1e250, 1e-200...1e200, 12_345.1...12_345.2,
  ])
  func `has labels that differ and do not touch`(range: ClosedRange<Double>) {
    for width in [358.0, 720] {
      for scale in [Axis.Scale.linear, .logarithmic] {
        let texts = labels(range, scale, width: width)
        #expect(texts.count >= 1)
        #expect(Set(texts).count == texts.count)
        #expect(texts.reduce(0) { $0 + $1.count } < Int(width / 7))
      }
    }
  }
}
