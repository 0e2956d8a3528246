import LowRankTensors
import Testing

@Suite struct `Philox numbers` {
  @Test(arguments: [
    (
      key: UInt64(0), stream: UInt64(0), counter: UInt64(0),
      words: SIMD4<UInt32>(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
    ),
    (
      key: .max, stream: .max, counter: .max,
      words: SIMD4<UInt32>(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
    ),
    (
      key: 0x299f_31d0_a409_3822, stream: 0x0370_7344_1319_8a2e, counter: 0x85a3_08d3_243f_6a88,
      words: SIMD4<UInt32>(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
    ),
  ])
  func `are the known answers of Random123`(
    known: (key: UInt64, stream: UInt64, counter: UInt64, words: SIMD4<UInt32>)
  ) {
    let words = Philox.words(key: known.key, stream: known.stream, counter: known.counter)
    #expect(words == known.words)
  }

  @Test func `continue from a position as if they had never stopped`() {
    var random = Philox(key: 7, stream: 3)
    let words = (0..<11).map { _ in random.nextWord() }
    #expect(random.position == 11)
    for start in words.indices {
      var resumed = Philox(key: 7, stream: 3, position: UInt64(start))
      #expect(resumed.nextWord() == words[start])
    }
    #expect(Array(words[4..<8]) == Philox.words(key: 7, stream: 3, counter: 1).array)
  }

  @Test func `are uniform in 0 up to 1`() {
    var random = Philox(key: 1)
    let numbers = (0..<20_000).map { _ in random.uniform() }
    #expect(numbers.allSatisfy { 0 <= $0 && $0 < 1 })
    // The mean of n numbers deviates by 1/√(12 n) = 0.002; five times that never happens.
    #expect(abs(numbers.reduce(0, +) / 20_000 - 0.5) < 0.01)
    for tenth in 0..<10 {
      let count = numbers.count { Int($0 * 10) == tenth }
      #expect(abs(count - 2_000) < 220)
    }
  }

  @Test func `have the moments of the normal distribution`() {
    var random = Philox(key: 2)
    let numbers = (0..<40_000).map { _ in random.normal() }
    func moment(_ power: Int) -> Double {
      numbers.reduce(0) { sum, x in sum + (0..<power).reduce(1) { p, _ in p * x } } / 40_000
    }
    #expect(abs(moment(1)) < 0.025)
    #expect(abs(moment(2) - 1) < 0.036)
    #expect(abs(moment(3)) < 0.1)
    #expect(abs(moment(4) - 3) < 0.25)
  }

  @Test(arguments: [1, 2, 3, 7, 1000])
  func `are integers below a bound, each as often`(bound: Int) {
    var random = Philox(key: 3)
    var counts = [Int](repeating: 0, count: bound)
    for _ in 0..<20_000 { counts[random.integer(below: bound)] += 1 }
    let expected = 20_000 / Double(bound)
    #expect(counts.allSatisfy { abs(Double($0) - expected) < 5.5 * expected.squareRoot() })
  }

  @Test func `draw again what would favour some integers`() {
    // Of 2⁶⁴ words, three fall to two of each three integers below 3 · 2⁶¹ and two to the third.
    var random = Philox(key: 4)
    let numbers = (0..<6_000).map { _ in random.integer(below: 3 << 61) }
    #expect(abs(numbers.count { $0 % 3 == 2 } - 2_000) < 180)
  }

  @Test func `shuffle into every order as often`() {
    var random = Philox(key: 5)
    var counts: [[Int]: Int] = [:]
    for _ in 0..<12_000 { counts[random.shuffled([0, 1, 2, 3]), default: 0] += 1 }
    #expect(counts.count == 24)
    #expect(counts.values.allSatisfy { abs($0 - 500) < 120 })
    var slice = Array(0..<10)[3..<7]
    random.shuffle(&slice)
    #expect(slice.sorted() == [3, 4, 5, 6])
    #expect(random.shuffled([Int]()).isEmpty)
  }

  @Test func `differ between keys and between streams`() {
    let words = [(0, 0), (0, 1), (1, 0), (1, 1)].map {
      Philox.words(key: $0.0, stream: $0.1, counter: 0).array
    }
    #expect(Set(words).count == 4)
  }
}

extension SIMD4 {
  fileprivate var array: [Scalar] { indices.map { self[$0] } }
}
