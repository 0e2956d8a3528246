import LowRankAdapters
import LowRankCompression
import LowRankTensors
import LowRankTesting
import Testing

@Suite struct `The spectrum of an update` {
  private func spectra(_ modules: [MadeAdapter.Module]) throws -> [Spectrum] {
    try Compression(MadeAdapter(modules).stored()).spectra
  }

  @Test func `is that of the dense update`() throws {
    let made = try MadeAdapter.random()
    let stored = try made.stored()
    let updates = try stored.updates()
    for spectrum in try Compression(stored).spectra {
      let dense = try SingularValueDecomposition(try #require(updates[spectrum.path]))
      for (value, expected) in zip(spectrum.values, dense.values) {
        #expect(abs(value - expected) < 1e-12 * dense.values[0])
      }
      #expect(spectrum.values.count == 6)
    }
  }

  @Test func `does not depend on the gauge of the factors`() throws {
    let (up, down) = (noise(30, 4, seed: 1), noise(4, 20, seed: 2))
    // Powers of two and a shear, so that the numbers stay exact in single precision.
    let gauge = HostMatrix<Double>(
      [2, 0, 0, 0, 1, 1, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0.5], rows: 4, columns: 4)
    let inverse = HostMatrix<Double>(
      [0.5, 0, 0, 0, -0.5, 1, 0, 0, 0, 0, 0.25, 0, 0, 0, 0, 2], rows: 4, columns: 4)
    func single(_ matrix: HostMatrix<Double>) -> HostMatrix<Double> {
      HostMatrix(
        matrix.elements.map { Double(Float($0)) }, rows: matrix.rows, columns: matrix.columns)
    }
    let plain = try spectra([.init(path: "a", up: up, down: down)])[0]
    let turned = try spectra([
      .init(
        path: "a", up: single(up).multiplied(by: gauge),
        down: inverse.multiplied(by: single(down)))
    ])[0]
    for (value, other) in zip(plain.values, turned.values) {
      #expect(abs(value - other) < 1e-6 * plain.values[0])
    }
  }

  @Test func `is what was planted, zeros included`() throws {
    let left = try QRDecomposition(noise(40, 5, seed: 3)).q
    let right = try QRDecomposition(noise(30, 5, seed: 4)).q.transposed
    let planted = [9.0, 4, 1, 0.25, 0]
    var up = left
    for row in 0..<40 {
      for column in 0..<5 { up[row, column] *= planted[column] }
    }
    let spectrum = try spectra([.init(path: "a", up: up, down: right, scale: -0.5)])[0]
    for (value, expected) in zip(spectrum.values, planted) {
      #expect(abs(value - 0.5 * expected) < 1e-6)
    }
  }

  @Test func `of factors larger than the map has as many values as the map has rows`() throws {
    let spectrum = try spectra([
      .init(path: "a", up: noise(3, 8, seed: 5), down: noise(8, 20, seed: 6))
    ])[0]
    #expect(spectrum.values.count == 3)
  }

  @Test("and what is kept of it are those that reflections find", arguments: [0.9, 0.7, 0.4])
  func reflections(decay: Double) throws {
    // Columns fall off by up to nine powers of ten, and are mixed so that the gauge does not show it.
    var up = noise(700, 24, seed: 7)
    var factor = 1.0
    for column in 0..<24 {
      for row in 0..<700 { up[row, column] *= factor }
      factor *= decay
    }
    let mixed = up.multiplied(by: noise(24, 24, seed: 8))
    let made = try MadeAdapter([.init(path: "a", up: mixed, down: noise(24, 90, seed: 9))])
    let compression = try Compression(made.stored())
    let expected = try UpdateDecomposition(made.stored().modules[0])
    for (value, other) in zip(compression.spectra[0].values, expected.values) {
      #expect(abs(value - other) < 1e-13 * expected.values[0])
    }
    let (draft, certificate) = try compression.keeping([8])
    let kept = try draft.modules[0].up.matrix().multiplied(by: draft.modules[0].down.matrix()) * 2
    let (left, right) = expected.truncated(to: 8).balancedFactors
    let distance = (kept - left.multiplied(by: right)).frobeniusNorm
    // The factors are rounded to single precision.
    #expect(distance < 1e-6 * expected.values[0])
    let rest = expected.values.dropFirst(8).reduce(0) { $0 + $1 * $1 }
    #expect(abs(certificate.discardedEnergy - rest) < 1e-10 * rest)
  }
}
