import CKernels

extension CPUEngine {
  /// A tensor of the given numbers, rounded to nearest even.
  public func tensor(_ values: [Float], _ shape: Shape, type: ElementType) -> Tensor {
    precondition(values.count == shape.count, "\(values.count) numbers for \(shape)")
    let result = empty(shape, type)
    values.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      let source = lr_view(
        data: UnsafeMutableRawPointer(mutating: start), type: LR_F32, stride: Int64(values.count))
      lr_copy(source, flat(result), 1, Int64(values.count))
    }
    return result
  }

  /// A tensor of the given numbers in f32.
  public func tensor(_ values: [Double], _ shape: Shape) -> Tensor {
    tensor(values.map(Float.init), shape, type: .float32)
  }

  /// A tensor of integers.
  public func tensor(_ values: [Int32], _ shape: Shape) -> Tensor {
    precondition(values.count == shape.count, "\(values.count) integers for \(shape)")
    let result = empty(shape, .int32)
    numbers(result).update(from: values, count: values.count)
    return result
  }

  /// A tensor of zeros.
  public func zeros(_ shape: Shape, type: ElementType) -> Tensor {
    let result = empty(shape, type)
    clear(result)
    return result
  }

  /// A frozen weight, used where it lies unless its type differs or its address does not suit it; packed ones lie anywhere.
  public func resident(
    _ bytes: UnsafeRawBufferPointer, stored: ElementType, _ shape: Shape, as type: ElementType,
    owner: any AnyObject & Sendable
  ) -> Tensor {
    precondition(
      bytes.count == stored.bytes(of: shape.count), "\(bytes.count) bytes for \(shape) of \(stored)"
    )
    guard let start = bytes.baseAddress else { return zeros(shape, type: type) }
    if stored.isPacked || UInt(bitPattern: start).isMultiple(of: UInt(stored.size)) {
      return converted(Tensor(CPUBuffer(reading: start, owner: owner), shape, stored), to: type)
    }
    let copy = empty(shape, stored)
    memory(copy).copyMemory(from: start, byteCount: bytes.count)
    return converted(copy, to: type)
  }

  /// The numbers of a tensor.
  public func floats(_ tensor: Tensor) -> [Float] {
    guard tensor.type != .int32 else { return integers(tensor).map(Float.init) }
    guard !tensor.type.isPacked else { return floats(converted(tensor, to: .float32)) }
    return [Float](unsafeUninitializedCapacity: tensor.count) { numbers, count in
      count = tensor.count
      let target = lr_view(data: numbers.baseAddress, type: LR_F32, stride: Int64(count))
      if count > 0 { lr_copy(flat(tensor), target, 1, Int64(count)) }
    }
  }

  /// The numbers of a tensor, which has them in f32 at most.
  public func doubles(_ tensor: Tensor) -> [Double] { floats(tensor).map(Double.init) }

  /// The integers of a tensor.
  public func integers(_ tensor: Tensor) -> [Int32] {
    Array(UnsafeBufferPointer(start: numbers(tensor), count: tensor.count))
  }

  /// The same numbers as another type, rounded to nearest even.
  public func converted(_ tensor: Tensor, to type: ElementType) -> Tensor {
    guard tensor.type != type else { return tensor }
    guard !tensor.type.isPacked else {
      return unpacked(
        tensor, rows: 0..<tensor.shape.rows, columns: 0..<tensor.shape.columns, as: type
      ).viewed(as: tensor.shape)
    }
    let result = empty(tensor.shape, type)
    lr_copy(flat(tensor), flat(result), 1, Int64(tensor.count))
    return result
  }

  /// All elements as one row.
  func flat(_ tensor: Tensor) -> lr_view {
    lr_view(data: memory(tensor), type: tensor.type.kernelType, stride: Int64(tensor.count))
  }

  /// Sets all elements to zero.
  func clear(_ tensor: Tensor) {
    guard tensor.type != .int32 else {
      numbers(tensor).update(repeating: 0, count: tensor.count)
      return
    }
    lr_clear(flat(tensor), 1, Int64(tensor.count))
  }
}
