import LowRankTensors

/// An engine at work on a check, with the random numbers of its inputs.
struct EngineTrial {
  let engine: any Engine
  private var random = Philox(key: 2024)

  init(_ engine: any Engine) { self.engine = engine }

  /// Normal numbers, already rounded to the type, so that all engines hold the same ones.
  mutating func normal(
    _ shape: Shape, _ type: ElementType = .float32, mean: Double = 0, deviation: Double = 1
  ) -> Tensor {
    tensor(shape, type) { Float(mean + deviation * $0.normal()) }
  }

  /// Numbers away from zero, in [1/2, 3/2).
  mutating func positive(_ shape: Shape, _ type: ElementType = .float32) -> Tensor {
    tensor(shape, type) { 0.5 + $0.uniform() }
  }

  /// Whole numbers from −limit to limit as floating-point ones, with which products are exact.
  mutating func whole(_ shape: Shape, _ type: ElementType, limit: Int) -> Tensor {
    tensor(shape, type) { Float($0.integer(below: 2 * limit + 1) - limit) }
  }

  /// Integers in `0 ..< bound`: the first is 0, the second `bound − 1`, the others random.
  mutating func integers(_ count: Int, below bound: Int) -> Tensor {
    let integers = (0..<count).map { index in
      switch index {
      case 0: 0
      case 1: bound - 1
      default: random.integer(below: bound)
      }
    }
    return engine.tensor(integers.map { Int32($0) }, [count])
  }

  /// Distinct integers in `0 ..< bound`.
  mutating func distinct(_ count: Int, below bound: Int) -> Tensor {
    engine.tensor(random.shuffled(0..<bound).prefix(count).map { Int32($0) }, [count])
  }

  /// A matrix of the given size as a product may meet it.
  mutating func operand(_ height: Int, _ width: Int, _ type: ElementType, _ layout: Layout)
    -> Matrix
  {
    let (rows, columns) = layout.isTransposed ? (width, height) : (height, width)
    guard layout.isSliced else {
      return Matrix(normal([rows, columns], type), transposed: layout.isTransposed)
    }
    return Matrix(
      normal([rows + 3, columns + 5], type), rows: 2..<2 + rows, columns: 3..<3 + columns,
      transposed: layout.isTransposed)
  }

  /// A packed weight of random bytes, its scales finite.
  mutating func packed(_ shape: Shape, _ type: ElementType) -> Tensor {
    let block = type.block
    var bytes = (0..<type.bytes(of: shape.count)).map { _ in UInt8(random.integer(below: 256)) }
    for start in stride(from: 0, to: bytes.count, by: block.bytes) {
      for place in type.halves {
        // Exponents from 2⁻¹² to 2⁻⁵, either sign.
        bytes[start + place + 1] = UInt8(
          12 + random.integer(below: 28) + 128 * random.integer(below: 2))
      }
    }
    let kept = KeptBytes(bytes)
    return engine.resident(kept.bytes, stored: type, shape, as: type, owner: kept)
  }

  private mutating func tensor(
    _ shape: Shape, _ type: ElementType, _ number: (inout Philox) -> Float
  ) -> Tensor {
    let numbers = (0..<shape.count).map { _ in
      type == .bfloat16 ? roundedToBFloat16(number(&random)) : number(&random)
    }
    return engine.tensor(numbers, shape, type: type)
  }
}

/// Bytes that stay where they are.
private final class KeptBytes: Sendable {
  nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  init(_ bytes: [UInt8]) {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
    memory.copyBytes(from: bytes)
    self.bytes = UnsafeRawBufferPointer(memory)
  }

  deinit { bytes.deallocate() }
}

extension ElementType {
  /// Where the numbers of half precision lie in a block of a packed type.
  fileprivate var halves: [Int] {
    switch self {
    case .float16, .q4_0, .q5_0, .q8_0, .iq4_NL: [0]
    case .q4_1, .q5_1, .q4_K, .q5_K: [0, 2]
    case .q2_K: [80, 82]
    case .q3_K: [108]
    case .q6_K: [208]
    case .float32, .bfloat16, .int32: []
    }
  }
}

/// How a matrix lies in memory.
enum Layout: CaseIterable {
  case whole, transposed, sliced, slicedAndTransposed

  var isTransposed: Bool { self == .transposed || self == .slicedAndTransposed }
  var isSliced: Bool { self == .sliced || self == .slicedAndTransposed }
}

/// A result under the name by which a failure speaks of it.
struct EngineResult {
  let name: String
  let tensor: Tensor?
  /// The largest relative distance allowed, where it is not that of the check.
  let tolerance: Double?

  init(_ name: String, _ tensor: Tensor?, tolerance: Double? = nil) {
    self.name = name
    self.tensor = tensor
    self.tolerance = tolerance
  }
}

/// The nearest number that bfloat16 holds, of two the one with an even last bit.
public func roundedToBFloat16(_ number: Float) -> Float {
  let bits = number.bitPattern
  return Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000)
}
