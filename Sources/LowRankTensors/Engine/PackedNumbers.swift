import CKernels

/// The numbers of packed elements, without an engine.
package enum PackedNumbers {
  /// The numbers of a row of whole blocks, in f32.
  package static func floats(_ bytes: UnsafeRawBufferPointer, _ type: ElementType, count: Int)
    -> [Float]
  {
    precondition(bytes.count == type.bytes(of: count), "\(bytes.count) bytes for \(count) elements")
    return [Float](unsafeUninitializedCapacity: count) { numbers, initialized in
      let source = lr_packed(
        data: bytes.baseAddress, type: type.packedType, row_bytes: Int64(bytes.count))
      let target = lr_view(data: numbers.baseAddress, type: LR_F32, stride: Int64(count))
      if count > 0 { lr_unpack(source, 0, 0, target, 1, Int64(count)) }
      initialized = count
    }
  }
}
