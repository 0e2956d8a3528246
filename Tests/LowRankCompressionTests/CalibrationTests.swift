import LowRankAdapters
import LowRankCompression
import LowRankTensors
import LowRankTesting
import Testing

@Suite struct `Truncation by covariance` {
  /// C = G Gᵀ of given size, and its root.
  private func covariance(_ size: Int, seed: UInt64) throws -> (
    HostMatrix<Double>, root: HostMatrix<Double>
  ) {
    let factor = noise(size, size, seed: seed)
    let covariance = factor.multiplied(by: factor.transposed)
    let eigen = try SymmetricEigenDecomposition(covariance)
    var scaled = eigen.vectors
    for column in 0..<size {
      for row in 0..<size { scaled[row, column] *= max(0, eigen.values[column]).squareRoot() }
    }
    return (covariance, scaled.multiplied(by: eigen.vectors.transposed))
  }

  private func calibration(_ adapter: StoredAdapter, _ covariance: HostMatrix<Double>) throws
    -> Calibration
  {
    var moments: [String: HostMatrix<Double>] = [:]
    for module in adapter.modules {
      let down = try module.downMatrix()
      moments[module.path] = down.multiplied(by: covariance).multiplied(by: down.transposed)
    }
    return Calibration(moments: moments, tokens: 1)
  }

  @Test func `loses what a dense decomposition says is least`() throws {
    let made = try MadeAdapter([
      .init(path: "m", up: noise(24, 6, seed: 1), down: noise(6, 20, seed: 2))
    ])
    let stored = try made.stored()
    let (covariance, root) = try covariance(20, seed: 3)
    let compression = try Compression(stored, calibratedBy: calibration(stored, covariance))
    let update = try #require(stored.updates()["m"])
    let values = try SingularValueDecomposition(update.multiplied(by: root)).values
    for rank in 1...5 {
      let (draft, certificate) = try compression.keeping([rank])
      let module = draft.modules[0]
      let up = HostMatrix(try module.up.values().map(Double.init), rows: 24, columns: rank)
      let down = HostMatrix(try module.down.values().map(Double.init), rows: rank, columns: 20)
      let rest = update - up.multiplied(by: down) * module.scale
      let lost = rest.multiplied(by: root).energy
      let least = values.dropFirst(rank).reduce(0) { $0 + $1 * $1 }
      #expect(abs(lost / least - 1) < 1e-5)
      #expect(abs((certificate.discardedOutputEnergy ?? 0) / least - 1) < 1e-9)
      #expect(abs(certificate.discardedEnergy / rest.energy - 1) < 1e-5)
      #expect(rest.frobeniusNorm <= certificate.bound)
    }
  }

  @Test func `is the ordinary one where inputs are white`() throws {
    let stored = try MadeAdapter([
      .init(path: "m", up: noise(24, 6, seed: 4), down: noise(6, 20, seed: 5))
    ]).stored()
    var identity = HostMatrix<Double>(zeros: 20, 20)
    for index in 0..<20 { identity[index, index] = 1 }
    let white = try Compression(stored, calibratedBy: calibration(stored, identity))
    let plain = try Compression(stored)
    for (a, b) in zip(white.spectra[0].values, plain.spectra[0].values) {
      #expect(abs(a / b - 1) < 1e-9)
    }
    let certificates = try [white, plain].map { try $0.keeping([3]).certificate }
    #expect(abs(certificates[0].discardedEnergy / certificates[1].discardedEnergy - 1) < 1e-6)
    #expect(certificates[1].outputEnergy == nil)
  }

  @Test func `needs every module to be reached`() throws {
    let stored = try MadeAdapter.random().stored()
    #expect(
      throws: CompressionError.notCalibrated(module: "model.layers.0.self_attn.q_proj")
    ) {
      _ = try Compression(stored, calibratedBy: Calibration(moments: [:], tokens: 0))
    }
  }
}
