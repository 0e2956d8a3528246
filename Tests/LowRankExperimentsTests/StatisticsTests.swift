import Foundation
import LowRank
import LowRankExperiments
import Testing

/// Against scipy, by numbers that `Oracles/experiment_statistics_fixture.py` recorded.
@Suite struct `The statistics of experiments` {
  private let fixture: JSONObject

  init() throws {
    let place = try #require(Bundle.module.resourceURL).appending(path: "Fixtures/statistics.json")
    fixture = try JSONFile(at: place).object
  }

  private func numbers(_ value: JSONValue?) throws -> [Double] {
    try #require(value?.array).map { try #require($0.double) }
  }

  private func rows(_ key: String) throws -> [JSONValue] { try #require(fixture[key]?.array) }

  /// Relative to the number itself: probabilities far out are as exact as others.
  private func isNear(_ a: Double, _ b: Double, _ tolerance: Double = 1e-10) -> Bool {
    abs(a - b) <= tolerance * max(abs(b), 1e-300)
  }

  @Test func `have Student's t as scipy`() throws {
    for row in try rows("two_sided") {
      let values = try numbers(row)
      let found = StudentT(degrees: values[0]).twoSided(values[1])
      #expect(isNear(found, values[2]), "t \(values) gave \(found)")
    }
    for row in try rows("critical") {
      let values = try numbers(row)
      let found = StudentT(degrees: values[0]).critical(values[1])
      #expect(isNear(found, values[2]), "critical \(values) gave \(found)")
    }
  }

  @Test func `test pairs and give intervals as scipy`() throws {
    let cases = try rows("paired")
    try #require(cases.count > 5)
    for row in cases {
      let object = try #require(row.object)
      let found = PairedDifference(
        try numbers(object["variant"]), against: try numbers(object["baseline"]))
      for (name, value) in [
        ("mean", found.mean), ("low", found.low), ("high", found.high),
        ("probability", found.probability),
      ] {
        let expected = try #require(object[name]?.double)
        // Differences of nearly equal numbers lose digits on both sides.
        #expect(abs(value - expected) < 1e-9 * max(1, abs(expected)), "\(name) of \(object)")
      }
    }
  }

  @Test func `correct for many comparisons as Holm`() throws {
    for row in try rows("holm") {
      let object = try #require(row.object)
      let found = HolmCorrection.corrected(try numbers(object["probabilities"]))
      for (value, expected) in zip(found, try numbers(object["corrected"])) {
        #expect(isNear(value, expected, 1e-12))
      }
    }
    let partly = HolmCorrection.corrected([.nan, 0.01, 0.04])
    #expect(partly[0].isNaN && partly[1] == 0.02 && partly[2] == 0.04)
  }

  @Test func `say nothing of a single pair, and no more than is known of equal ones`() {
    let single = PairedDifference([1], against: [2])
    #expect(single.mean == -1 && single.low.isNaN && single.probability.isNaN)
    #expect(PairedDifference([1, 2], against: [1, 2]).probability == 1)
    #expect(PairedDifference([2, 3], against: [1, 2]).probability == 0)
  }
}
