import LowRankTensors
import LowRankTransformers
import Testing

/// Rows of less than a vector, of whole vectors, and of some that go on behind them.
@Suite struct `A row of logits` {
  @Test(arguments: [1, 15, 16, 17, 100, 1027])
  func `has the first of its greatest, wherever it is`(count: Int) {
    var random = Philox(key: UInt64(count))
    for place in 0..<count {
      var logits = (0..<count).map { _ in -1 - random.uniform() }
      logits[place] = -1
      for other in place..<count where other % 7 == 0 { logits[other] = -1 }
      let found = logits.withUnsafeBufferPointer { LogitRow($0).greatest }
      #expect(found == place)
    }
  }

  @Test(arguments: [1, 16, 17, 50])
  func `is finite without infinities and NaN`(count: Int) {
    func isFinite(_ logits: [Float]) -> Bool {
      logits.withUnsafeBufferPointer { LogitRow($0).isFinite }
    }
    let largest = Float.greatestFiniteMagnitude
    let finite = (0..<count).map { [largest, -largest, 0, -Float.leastNonzeroMagnitude][$0 % 4] }
    #expect(isFinite(finite))
    for place in 0..<count {
      for broken in [Float.infinity, -.infinity, .nan, -.nan] {
        var logits = finite
        logits[place] = broken
        #expect(!isFinite(logits), "\(broken) at \(place) of \(count)")
      }
    }
  }
}
