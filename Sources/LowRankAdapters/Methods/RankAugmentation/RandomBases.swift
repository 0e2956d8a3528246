import Foundation
import LowRankTensors

/// How the random matrices of RandLoRA are filled.
public enum RandomFilling: Hashable, Sendable {
  /// Uniform numbers.
  case dense
  /// −1, 0 and 1, a third of them not zero.
  case sparse
  /// −1, 0 and 1, a share of one over the root of the smaller extent not zero.
  case verySparse

  /// The filling that PEFT's two keys say.
  init(isSparse: Bool, isVerySparse: Bool) {
    self = isVerySparse ? .verySparse : isSparse ? .sparse : .dense
  }
}

/// The random matrices that all maps of RandLoRA share, of deviation 1, by the numbers that PEFT makes of a seed.
///
/// Li, Hastie and Church, "Very Sparse Random Projections", KDD 2006.
struct RandomBases {
  /// The columns of A, and how many rows each B_b has.
  let smaller, larger: Int
  /// How many B_b there are.
  let count: Int
  /// A, row-major `[rank, 1, smaller]`.
  let down: [Float]
  /// The B_b side by side, row-major `[larger, count, rank]`.
  let up: [Float]

  /// How many products of a rank have the full rank of a map together.
  static func count(of smaller: Int, rank: Int) -> Int { (smaller + rank - 1) / rank }

  /// - Throws: `AdapterError.invalid` where so few numbers are drawn that all are zero.
  init(_ filling: RandomFilling, smaller: Int, larger: Int, rank: Int, key: Int)
    throws(AdapterError)
  {
    (self.smaller, self.larger) = (smaller, larger)
    count = Self.count(of: smaller, rank: rank)
    var random = MersenneTwister(seed: UInt64(bitPattern: Int64(key)))
    switch filling {
    case .dense:
      let numbers = Self.dense(smaller, larger, rank, count, &random)
      (down, up) = (numbers.down.normalizedAsBFloat16, numbers.up.normalizedAsBFloat16)
    case .sparse, .verySparse:
      let sparsity = filling == .sparse ? 3 : Double(smaller).squareRoot()
      let (low, high) = (Float(1 / (2 * sparsity)), Float(1 - 1 / (2 * sparsity)))
      func draw(_ count: Int) throws(AdapterError) -> [Float] {
        let signs: [Float] = (0..<count).map { _ in
          let number = random.uniform()
          return number < low ? -1 : number > high ? 1 : 0
        }
        let deviation = Float(signs.deviation)
        guard deviation > 0 else {
          throw .invalid(
            key: "the filling of randlora",
            value: "\(filling == .sparse ? "sparse" : "very_sparse")",
            expected: "a denser one: \(count) random numbers are all alike")
        }
        return signs.map { $0 / deviation }
      }
      down = try draw(rank * smaller)
      up = try draw(larger * count * rank)
    }
  }

  /// A, then each B_b, uniform from −1/√columns to 1/√columns and rounded to bf16.
  private static func dense(
    _ smaller: Int, _ larger: Int, _ rank: Int, _ count: Int, _ random: inout MersenneTwister
  ) -> (down: [Float], up: [Float]) {
    func draw(_ columns: Int) -> Float {
      let bound = Float(1 / Double(columns).squareRoot())
      let number = random.uniform(from: -bound, to: bound).roundedToBFloat16
      // What is rounded up to the bound, which is no number of the interval, becomes the other one.
      return number < bound.roundedToBFloat16 ? number : -bound.roundedToBFloat16
    }
    let down = (0..<rank * smaller).map { _ in draw(smaller) }
    var up = [Float](repeating: 0, count: larger * count * rank)
    for base in 0..<count {
      for row in 0..<larger {
        for index in 0..<rank {
          up[(row * count + base) * rank + index] = draw(rank)
        }
      }
    }
    return (down, up)
  }
}

extension [Float] {
  /// The deviation of a sample.
  fileprivate var deviation: Double {
    let mean = reduce(0) { $0 + Double($1) } / Double(count)
    let squares = reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    return (squares / Double(Swift.max(1, count - 1))).squareRoot()
  }

  /// The numbers over their deviation, as torch divides bf16.
  fileprivate var normalizedAsBFloat16: [Float] {
    let deviation = Float(deviation).roundedToBFloat16
    return map { ($0 / deviation).roundedToBFloat16 }
  }
}

extension Float {
  /// The nearest number of bf16, ties to even.
  fileprivate var roundedToBFloat16: Float {
    Float(bitPattern: (bitPattern &+ 0x7FFF &+ (bitPattern >> 16 & 1)) & 0xFFFF_0000)
  }
}
