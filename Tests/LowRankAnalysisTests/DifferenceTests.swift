import Foundation
import LowRankAdapters
import LowRankAnalysis
import LowRankCheckpoints
import LowRankCompression
import LowRankTensors
import LowRankTesting
import Testing

@Suite struct `Comparing adapters` {
  private let up = noise(24, 4, seed: 1)
  private let down = noise(4, 30, seed: 2)

  private func made(_ up: HostMatrix<Double>, _ down: HostMatrix<Double>, scale: Double = 2)
    throws -> MadeAdapter
  {
    try MadeAdapter([.init(path: "model.layers.0.q", up: up, down: down, scale: scale)])
  }

  private func difference(_ a: MadeAdapter, _ b: MadeAdapter) throws -> AdapterDifference {
    try AdapterDifference(a.stored(), b.stored())
  }

  @Test func `finds any gauge of one update equal`() throws {
    let gauge = noise(4, 4, seed: 3)
    let other = try made(
      up.multiplied(by: gauge), gauge.solve(down))
    let result = try difference(made(up, down), other)
    #expect(result.isEqual && result.relativeDistance < 1e-5)
    #expect(result.modules[0].cosine > 0.999_999)
  }

  @Test func `measures the distance that dense updates have`() throws {
    let changed = noise(24, 4, seed: 4)
    let result = try difference(made(up, down), made(changed, down, scale: 1))
    let dense = up.multiplied(by: down) * 2 - changed.multiplied(by: down)
    #expect(!result.isEqual && abs(result.distance / dense.frobeniusNorm - 1) < 1e-6)
  }

  @Test func `sees classes in another order, and another base`() throws {
    let orders = try [["a", "b"], ["b", "a"], ["a", "b"]].map {
      try MadeAdapter([.init(path: "model.layers.0.q", up: up, down: down)], classes: $0)
    }
    #expect(try difference(orders[0], orders[2]).isEqual)
    let other = try difference(orders[0], orders[1])
    #expect(!other.isEqual && other.facts == ["id2label"])
    #expect(other.modules.map(\.isEqual) == [true])
    #expect(try difference(orders[0], made(up, down)).isEqual)
    let bases = try ["lowrank1:aa", "lowrank1:bb"].map {
      try MadeAdapter([.init(path: "model.layers.0.q", up: up, down: down)], base: $0)
    }
    #expect(try difference(bases[0], bases[1]).facts == ["base_fingerprint"])
  }

  @Test func `names the modules whose subspaces only one of them has`() throws {
    let both = try MadeAdapter([
      .init(path: "model.layers.0.q", up: up, down: down),
      .init(path: "model.layers.1.q", up: up, down: down),
    ])
    let (one, two) = (
      try AdapterAnalysis(made(up, down).stored()), try AdapterAnalysis(both.stored())
    )
    let similarity = try AdapterSimilarity(one, two)
    #expect(similarity.modules.map(\.path) == ["model.layers.0.q"])
    #expect(similarity.onlyInFirst.isEmpty && similarity.onlyInSecond == ["model.layers.1.q"])
  }

  @Test func `sees a module that only one has`() throws {
    let both = try MadeAdapter([
      .init(path: "model.layers.0.q", up: up, down: down),
      .init(path: "model.layers.1.q", up: up, down: down),
    ])
    let result = try difference(made(up, down), both)
    #expect(!result.isEqual && result.modules.map(\.isEqual) == [true, false])
    #expect(result.modules[1].ranks == [0, 4])
    #expect(abs(result.distance / (up.multiplied(by: down) * 2).frobeniusNorm - 1) < 1e-6)
  }

  @Test func `sees magnitudes that differ, beside any update`() throws {
    let changed = noise(24, 4, seed: 4)
    func dora(_ up: HostMatrix<Double>, _ magnitude: Float) throws -> MadeAdapter {
      try MadeAdapter(
        [.init(path: "model.layers.0.q", up: up, down: down)], magnitudes: true,
        magnitude: magnitude)
    }
    for other in [up, changed] {
      let result = try difference(dora(up, 1), dora(other, 1.5))
      #expect(!result.isEqual && result.otherMagnitudes.map(\.path) == ["model.layers.0.q"])
      let distance = try #require(result.modules[0].magnitudeDistance)
      #expect(abs(distance - 0.5 * 24.0.squareRoot()) < 1e-6)
      #expect(result.json["other_magnitudes"] == ["model.layers.0.q"])
      let module = try #require(result.json["per_module"]?.array?.first?.object)
      #expect(
        module["magnitudes_equal"] == false && module["magnitude_distance"] == .double(distance))
    }
    let same = try difference(dora(up, 1), dora(changed, 1))
    #expect(same.otherMagnitudes.isEmpty && same.modules[0].magnitudeDistance == 0)
    let plain = try difference(made(up, down), dora(up, 1))
    #expect(plain.otherMagnitudes.count == 1 && plain.modules[0].magnitudeDistance == nil)
  }

  @Test func `keeps magnitudes in the canonical form, where BA is nothing too`() throws {
    let adapter = try MadeAdapter(
      [.init(path: "a.q", up: up, down: down), .init(path: "b.q", up: up * 0, down: down)],
      magnitudes: true, magnitude: 2)
    let form = try CanonicalForm(adapter.stored()).draft
    #expect(form.modules.map(\.path) == ["a.q", "b.q"] && form.modules[1].rank == 1)
    #expect(try form.modules[1].magnitude?.floats() == Array(repeating: 2, count: 24))
  }

  /// The bytes of the canonical folder.
  private func canonical(_ made: MadeAdapter) throws -> [Data] {
    let url = FileManager.default.temporaryDirectory.appending(path: "lowrank-canon-\(UUID())")
    defer { try? FileManager.default.removeItem(at: url) }
    try publishFolder(at: url) {
      try CanonicalForm(made.stored()).draft.write(as: .peft, into: $0)
    }
    return try ["adapter_model.safetensors", "adapter_config.json"].map {
      try Data(contentsOf: url.appending(path: $0))
    }
  }

  @Test func `has one canonical form for all that hold the same update`() throws {
    let expected = try canonical(made(up, down))
    // Components exchanged, one flipped, others scaled by powers of two, one split off, the scale moved to α, zeros added.
    let order = [2, 0, 3, 1]
    var (turnedUp, turnedDown) = (
      HostMatrix<Double>(zeros: 24, 6), HostMatrix<Double>(zeros: 6, 30)
    )
    for (new, old) in order.enumerated() {
      let factor = [1, -1, 4, 0.125][new]
      for row in 0..<24 { turnedUp[row, new] = up[row, old] / factor / 4 }
      for column in 0..<30 { turnedDown[new, column] = down[old, column] * factor }
    }
    for column in 0..<30 { turnedDown[4, column] = 1 }
    #expect(try canonical(made(turnedUp, turnedDown, scale: 8)) == expected)
    var other = up
    other[3, 1] += 0.01
    #expect(try canonical(made(other, down)) != expected)
  }

  @Test func `brings exchanged, flipped and scaled components to the same numbers`() throws {
    let plain = try #require(ExactComponents(up: up, down: down).factors)
    var (turnedUp, turnedDown) = (up, down)
    for (new, (old, factor)) in [(2, -4.0), (0, 0.25), (3, 1), (1, -1)].enumerated() {
      for row in 0..<24 { turnedUp[row, new] = up[row, old] / factor }
      for column in 0..<30 { turnedDown[new, column] = down[old, column] * factor }
    }
    let turned = try #require(ExactComponents(up: turnedUp, down: turnedDown).factors)
    #expect(turned.up == plain.up && turned.down == plain.down)
    #expect(ExactComponents(up: up * 0, down: down).factors == nil)
  }

  @Test func `keeps the update in the canonical form, and that itself`() throws {
    let adapter = try made(up, down)
    let url = FileManager.default.temporaryDirectory.appending(path: "lowrank-canon-\(UUID())")
    defer { try? FileManager.default.removeItem(at: url) }
    try publishFolder(at: url) {
      try CanonicalForm(adapter.stored()).draft.write(as: .peft, into: $0)
    }
    let form = try StoredAdapter(at: url)
    #expect(try AdapterDifference(adapter.stored(), form).relativeDistance < 3e-6)
    #expect(form.modules[0].scale == 1 && form.modules[0].rank == 4)
    #expect(try GaugeBalance(form.modules[0]).imbalance < 1e-5)
  }

  @Test func `decides the vectors of equal singular values`() throws {
    // Two orthonormal pairs of the same size, in either of two bases.
    let q = try QRDecomposition(noise(24, 2, seed: 5)).q
    let p = try QRDecomposition(noise(30, 2, seed: 6)).q.transposed
    let turn = HostMatrix([0.6, -0.8, 0.8, 0.6], rows: 2, columns: 2)
    let decided = try [(q, p), (q.multiplied(by: turn), turn.transposed.multiplied(by: p))].map {
      try UpdateDecomposition(path: "m", up: $0, down: $1).withDecidedTies().withDecidedSigns()
    }
    #expect((decided[0].right - decided[1].right).frobeniusNorm < 1e-12)
    #expect((decided[0].left - decided[1].left).frobeniusNorm < 1e-12)
  }
}
