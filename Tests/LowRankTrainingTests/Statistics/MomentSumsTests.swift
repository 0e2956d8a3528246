import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTraining
import Testing

@Suite struct `Sums of second moments` {
  @Test(arguments: [ElementType.float32, .bfloat16], [5, 300, 2100])
  func `are those of the rows, in panels of which a half is added up`(
    type: ElementType, width: Int
  ) throws {
    let engine = CPUEngine()
    var random = Philox(key: 11)
    let sums = MomentSums(width, on: engine)
    var rows: [Double] = []
    for count in [3, 40] {
      let x = engine.tensor(
        (0..<count * width).map { _ in Float(random.normal()) }, [count, width], type: type)
      rows += engine.doubles(x)
      sums.add(engine.summable(x))
    }
    let found = try sums.finished(SingleProcess())
    let expected = SecondMoments(of: HostMatrix(rows, rows: 43, columns: width))
    #expect(found.count == 43 && abs(found.fourth - expected.fourth) < 1e-4 * expected.fourth)
    #expect(relativeDistance(found.mean, from: expected.mean) < 1e-5)
    #expect(
      relativeDistance(
        found.matrix.elements.map(Double.init), from: expected.matrix.elements.map(Double.init))
        < 1e-6)
    #expect(found.matrix.transposed == found.matrix)
    #expect(SecondMoments.numbers(of: width) <= width * width)
    #expect(width < 2000 || 16 * SecondMoments.numbers(of: width) <= 9 * width * width + 16 * width)
  }

  @Test func `of parts are those of the whole`() throws {
    var random = Philox(key: 12)
    let rows = HostMatrix((0..<90).map { _ in random.normal() }, rows: 15, columns: 6)
    let whole = SecondMoments(of: rows)
    let merged = SecondMoments(
      merging: [0..<4, 4..<5, 5..<15].map { SecondMoments(of: rows.rows($0)) })
    #expect(merged.count == 15 && abs(merged.fourth - whole.fourth) < 1e-12 * whole.fourth)
    #expect(relativeDistance(merged.mean, from: whole.mean) < 1e-12)
    #expect(
      relativeDistance(
        merged.matrix.elements.map(Double.init), from: whole.matrix.elements.map(Double.init))
        < 1e-6)
  }
}
