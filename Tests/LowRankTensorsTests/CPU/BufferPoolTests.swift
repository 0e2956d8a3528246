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
    // In whole pages of 2 MB.
    #expect((usage.peak...usage.peak + (1 << 21)).contains(usage.held))
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
    #expect(usage.held <= usage.peak + (1 << 21))
  }

  @Test func `gives blocks of one size the place of blocks of another`() {
    // What a step keeps and frees, of another length of rows each time.
    var largest = 0
    for step in 0..<100 {
      let rows = 200 + (step * 7_919) % 301
      var kept: [Tensor] = []
      for width in [64, 172, 512, 64, 700, 8] {
        kept.append(engine.zeros([rows, width], type: .float32))
        _ = engine.zeros([rows, 2 * width], type: .float32)
      }
      largest = max(largest, kept.reduce(0) { $0 + 4 * $1.count })
    }
    let usage = engine.pool.usage
    #expect(usage.peak > largest)
    #expect(usage.held <= usage.peak + usage.peak / 8 + (2 << 21))
  }

  @Test func `keeps to a limit where blocks leave room`() {
    engine.pool.limit = 8 << 21
    for step in 0..<50 {
      let kept = engine.zeros([(1 << 18) + step * 999], type: .float32)
      _ = engine.zeros([(1 << 20) + step * 50_000], type: .float32)
      #expect(engine.floats(kept).allSatisfy { $0 == 0 })
      #expect(engine.pool.usage.held <= max(8 << 21, engine.pool.usage.peak + (2 << 21)))
    }
    let held = engine.pool.usage.held
    _ = (engine.zeros([6 << 20], type: .float32), 0)
    #expect(held <= 8 << 21)
    engine.pool.trim()
    #expect(engine.pool.usage.held == 0)
  }

  @Test func `keeps a shared tensor from being written through another handle`() {
    var a = engine.tensor([1, 2], [2], type: .float32)
    let b = a
    engine.add(b, scale: 1, to: &a)
    #expect(engine.floats(a) == [2, 4])
    #expect(engine.floats(b) == [1, 2])
  }
}
