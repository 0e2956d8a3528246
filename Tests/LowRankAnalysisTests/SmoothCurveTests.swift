import Foundation
import LowRankAdapters
import LowRankAnalysis
import LowRankTensors
import LowRankTesting
import Testing

@Suite struct `A smooth curve` {
  @Test func `is the minimum of its criterion`() {
    var random = Philox(key: 4)
    let numbers = (0..<24).map { sin(Double($0) / 4) + 0.3 * random.normal() }
    let curve = SmoothCurve(numbers)
    // ‖y − f‖² + λ ‖D²f‖², with differences that are reflected at the ends.
    func criterion(_ f: [Double]) -> Double {
      let rest = zip(numbers, f).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      return f.indices.reduce(rest) { sum, place in
        let before = f[max(0, place - 1)], after = f[min(f.count - 1, place + 1)]
        let second = before - 2 * f[place] + after
        return sum + curve.smoothing * second * second
      }
    }
    let least = criterion(curve.values)
    for place in numbers.indices {
      for step in [-1e-3, 1e-3] {
        var other = curve.values
        other[place] += step
        #expect(criterion(other) > least)
      }
    }
  }

  @Test func `keeps what is smooth and drops what is not`() {
    var random = Philox(key: 9)
    let wave = (0..<200).map { sin(Double($0) / 12) }
    let noisy = wave.map { $0 + 0.5 * random.normal() }
    let curve = SmoothCurve(noisy)
    func distance(_ a: [Double]) -> Double {
      zip(a, wave).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    #expect(distance(curve.values) < 0.15 * distance(noisy))
    #expect(SmoothCurve(wave).kept > 0.99)
    #expect(SmoothCurve((0..<200).map { _ in random.normal() }).kept < 0.3)
    #expect(SmoothCurve([Double](repeating: 2, count: 5)).values.allSatisfy { abs($0 - 2) < 1e-12 })
  }

  @Test func `goes through the leading directions of the largest updates`() throws {
    let wave = (0..<32).map { sin(Double($0) / 5) }
    let rough = (0..<32).map { Double($0 * 7919 % 13) - 6 }
    let adapter = try MadeAdapter([
      .init(
        path: "a.layers.0.q", up: HostMatrix([1, 0, 0], rows: 3, columns: 1),
        down: HostMatrix(rough, rows: 1, columns: 32)),
      .init(
        path: "a.layers.1.q", up: HostMatrix([0, 30, 0], rows: 3, columns: 1),
        down: HostMatrix(wave, rows: 1, columns: 32)),
    ])
    let smooth = SmoothComponents(of: try AdapterAnalysis(adapter.stored()))
    #expect(smooth.modules.map(\.path) == ["a.layers.1.q", "a.layers.0.q"])
    #expect(smooth.modules[0].curves[0].kept > 0.95 && smooth.modules[1].curves[0].kept < 0.7)
    let norm = wave.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(
      zip(smooth.modules[0].directions[0], wave).allSatisfy { abs(abs($0) - abs($1) / norm) < 1e-5 }
    )
  }
}
