import LowRankTensors

extension ReferenceEngine {
  /// A tensor of the given numbers; `type` is recorded, nothing is rounded.
  public func tensor(_ values: [Float], _ shape: Shape, type: ElementType) -> Tensor {
    made(values.map(Double.init), shape, type)
  }

  /// A tensor of the given numbers, recorded as f32, kept in f64.
  public func tensor(_ values: [Double], _ shape: Shape) -> Tensor { made(values, shape, .float32) }

  /// A tensor of integers.
  public func tensor(_ values: [Int32], _ shape: Shape) -> Tensor {
    precondition(values.count == shape.count, "\(values.count) integers do not fill \(shape)")
    return Tensor(IntegerStorage(values), shape, .int32)
  }

  /// A tensor of zeros.
  public func zeros(_ shape: Shape, type: ElementType) -> Tensor {
    type == .int32
      ? tensor([Int32](repeating: 0, count: shape.count), shape)
      : made([Double](repeating: 0, count: shape.count), shape, type)
  }

  /// A copy of the weight that lies in `bytes`, little-endian.
  public func resident(
    _ bytes: UnsafeRawBufferPointer, stored: ElementType, _ shape: Shape, as type: ElementType,
    owner: any AnyObject & Sendable
  ) -> Tensor {
    precondition(
      bytes.count == stored.bytes(of: shape.count),
      "\(bytes.count) bytes do not hold \(stored)\(shape)")
    precondition(
      (stored == .int32) == (type == .int32), "a weight stored as \(stored) is not \(type)")
    func loaded<Element: FixedWidthInteger>(_: Element.Type, at index: Int) -> Element {
      let word = bytes.loadUnaligned(
        fromByteOffset: index * MemoryLayout<Element>.size, as: Element.self)
      return Element(littleEndian: word)
    }
    let indices = 0..<shape.count
    switch stored {
    case .float32:
      let numbers = indices.map { Double(Float(bitPattern: loaded(UInt32.self, at: $0))) }
      return made(numbers, shape, type)
    case .bfloat16:
      let numbers = indices.map {
        Double(Float(bitPattern: UInt32(loaded(UInt16.self, at: $0)) << 16))
      }
      return made(numbers, shape, type)
    case .int32:
      return tensor(indices.map { loaded(Int32.self, at: $0) }, shape)
    case .float16, .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q2_K, .q3_K, .q4_K, .q5_K, .q6_K, .iq4_NL:
      let numbers = PackedNumbers.floats(bytes, stored, count: shape.count)
      return made(numbers.map(Double.init), shape, type)
    }
  }

  /// The numbers of a tensor, rounded to f32.
  public func floats(_ tensor: Tensor) -> [Float] { doubles(tensor).map(Float.init) }

  /// The numbers of a tensor.
  public func doubles(_ tensor: Tensor) -> [Double] {
    guard let storage = tensor.storage as? NumberStorage else {
      preconditionFailure("\(tensor) does not hold numbers of the reference engine")
    }
    let range = tensor.offset..<tensor.offset + tensor.count
    return range == storage.numbers.indices ? storage.numbers : Array(storage.numbers[range])
  }

  /// The numbers of a tensor of integers.
  public func integers(_ tensor: Tensor) -> [Int32] {
    guard let storage = tensor.storage as? IntegerStorage else {
      preconditionFailure("\(tensor) does not hold integers of the reference engine")
    }
    return Array(storage.integers[tensor.offset..<tensor.offset + tensor.count])
  }

  /// The same numbers under another type, not rounded.
  public func converted(_ tensor: Tensor, to type: ElementType) -> Tensor {
    tensor.type == type ? tensor : made(doubles(tensor), tensor.shape, type)
  }
}
