import LowRankTensors
import LowRankTraining
import LowRankTransformers
import Testing

@Suite struct `Packs of rows` {
  private func set(_ lengths: [Int]) -> ExampleSet {
    ExampleSet(
      lengths.map { length in
        Example(ids: (0...length).map { Int32($0 % 7) }, trained: [1..<length + 1])
      }, source: "rows")
  }

  @Test func `hold every row once and no more tokens than they may`() {
    var random = Philox(key: 3)
    let lengths = (0..<400).map { _ in 1 + random.integer(below: 90) }
    let packed = PackedSet(set(lengths), capacity: 128, seed: 1)
    #expect(packed.packs.flatMap { $0 }.sorted() == Array(0..<400))
    // Hardly any room is left.
    #expect(lengths.reduce(0, +) > packed.count * 128 * 97 / 100)
    for (index, pack) in packed.packs.enumerated() {
      let tokens = pack.reduce(0) { $0 + lengths[$1] }
      #expect(tokens <= 128 && tokens == packed.inputTokens(of: index))
      #expect(packed.batch(at: [index]).inputTokens == tokens)
    }
    #expect(packed.rows(of: 0) == packed.packs[0].map { $0 + 1 })
  }

  @Test func `leave a row that is too long on its own`() {
    let packed = PackedSet(set([20, 3, 3, 2]), capacity: 8, seed: 1)
    #expect(packed.packs.contains([0]))
    #expect(packed.count == 2)
  }

  @Test func `follow from the seed, and are part of the fingerprint`() {
    let rows = set([3, 3, 3, 3, 3, 3])
    let first = PackedSet(rows, capacity: 6, seed: 1)
    #expect(first.packs == PackedSet(rows, capacity: 6, seed: 1).packs)
    #expect(first.fingerprint == PackedSet(rows, capacity: 6, seed: 1).fingerprint)
    #expect(first.fingerprint != PackedSet(rows, capacity: 9, seed: 1).fingerprint)
    #expect(first.fingerprint != rows.fingerprint)
  }

  @Test func `keep each row's own positions`() {
    let packed = PackedSet(set([4, 3]), capacity: 8, seed: 1)
    let batch = packed.batch(at: [0])
    #expect(batch.rows.segments.count == 2)
    #expect(batch.rows.positions == [0, 1, 2, 3, 0, 1, 2])
  }
}
