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
}
