import LowRankTensors
import Testing

@Suite struct `A pool of buffers` {
  private let engine = CPUEngine()

  @Test(arguments: [1, 63, 64, 100, 1_000, 4_097, 70_000, 1 << 20, 3_000_001])
  func `wastes at most an eighth`(_ count: Int) {
    let tensor = engine.zeros([count], type: .float32)
    let size = engine.pool.usage.inUse
    #expect(size >= 4 * tensor.count)
    #expect(size <= max(64, 4 * tensor.count * 9 / 8 + 64))
  }

  @Test func `hands out again what was freed`() {
    for _ in 0..<10 { _ = engine.zeros([1_000, 300], type: .float32) }
    let usage = engine.pool.usage
    #expect(usage.inUse == 0)
    #expect(usage.peak == usage.held)
  }

  @Test func `remembers the peak until told to forget`() {
    do {
      let pair = (engine.zeros([5_000], type: .float32), engine.zeros([5_000], type: .float32))
      #expect(pair.0.count == pair.1.count)
    }
    #expect(engine.pool.usage.peak >= 40_000)
    engine.pool.resetPeak()
    #expect(engine.pool.usage.peak == 0)
  }

  @Test func `gives idle memory back when trimmed`() {
    let kept = engine.tensor([1, 2, 3], [3], type: .float32)
    _ = engine.zeros([1 << 20], type: .float32)
    #expect(engine.pool.usage.held > 1 << 22)
    engine.pool.trim()
    #expect(engine.pool.usage.held == engine.pool.usage.inUse)
    #expect(engine.floats(kept) == [1, 2, 3])
  }

  @Test func `does not hoard sizes that never come back`() {
    for step in 0..<200 { _ = engine.zeros([(1 << 20) + step * 50_000], type: .float32) }
    let usage = engine.pool.usage
    #expect(usage.held <= max(usage.peak + usage.peak / 4, 1 << 26))
  }

  @Test func `keeps a shared tensor from being written through another handle`() {
    var a = engine.tensor([1, 2], [2], type: .float32)
    let b = a
    engine.add(b, scale: 1, to: &a)
    #expect(engine.floats(a) == [2, 4])
    #expect(engine.floats(b) == [1, 2])
  }
}
