/// How a tensor lies in its storage: element `(i₁, …, iₙ)` is at `offset + Σ iₖ · strideₖ`.
struct TensorView {
  let offset: Int
  let sizes: [Int]
  let strides: [Int]
  /// The number of elements.
  let count: Int

  /// The most extents that torch has.
  private static let greatestRank = 64

  /// Reads a view and checks that all of it is within a storage of so many elements.
  ///
  /// - Throws: `TorchFault.damaged`.
  init(
    _ tensor: PickledTensor, of unpickler: borrowing Unpickler, within available: Int
  ) throws(TorchFault) {
    guard tensor.sizes.count <= Self.greatestRank else { throw Self.broken }
    (sizes, strides) = (
      try Self.numbers(tensor.sizes, of: unpickler), try Self.numbers(tensor.strides, of: unpickler)
    )
    offset = tensor.offset
    var (count, last) = (1, tensor.offset)
    for (size, stride) in zip(sizes, strides) {
      // Extents beside a zero count too, so that no product of extents can overflow later.
      guard size == 0 || Self.multiply(&count, by: size) else { throw Self.broken }
      guard size > 1 else { continue }
      let (reach, overflows) = (size - 1).multipliedReportingOverflow(by: stride)
      let (sum, isBeyond) = last.addingReportingOverflow(reach)
      guard !overflows, !isBeyond else { throw Self.broken }
      last = sum
    }
    self.count = sizes.contains(0) ? 0 : count
    // Where there are no elements, torch lets the offset be any.
    guard offset >= 0, self.count == 0 || last < available else { throw Self.broken }
  }

  /// Whether the elements stand one after the other, row-major.
  var isContiguous: Bool {
    var expected = 1
    for (size, stride) in zip(sizes, strides).reversed() where size != 1 {
      guard stride == expected else { return count == 0 }
      expected *= max(1, size)
    }
    return true
  }

  private static func numbers(
    _ piece: Piece, of unpickler: borrowing Unpickler
  ) throws(TorchFault) -> [Int] {
    var numbers: [Int] = []
    numbers.reserveCapacity(Int(piece.count))
    for position in piece.range {
      guard case .integer(let number) = unpickler.items[position], number >= 0 else { throw broken }
      numbers.append(number)
    }
    return numbers
  }

  private static func multiply(_ product: inout Int, by factor: Int) -> Bool {
    let (result, overflows) = product.multipliedReportingOverflow(by: factor)
    product = result
    return !overflows
  }

  private static var broken: TorchFault {
    .damaged("is broken: a tensor does not lie within its storage")
  }
}

extension TensorView {
  /// Writes the elements row-major, with their bytes turned around where they are big-endian.
  func copy(
    from source: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer, type: TorchType,
    swapping: Bool
  ) {
    switch type.size {
    case 1: copy(from: source, to: target) { (element: UInt8) in element }
    case 2:
      copy(from: source, to: target) { (element: UInt16) in swapping ? element.byteSwapped : element
      }
    case 4:
      copy(from: source, to: target) { (element: UInt32) in swapping ? element.byteSwapped : element
      }
    default:
      copy(from: source, to: target) { (element: UInt64) in swapping ? element.byteSwapped : element
      }
    }
  }

  private func copy<Element: FixedWidthInteger & BitwiseCopyable>(
    from source: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer,
    _ turned: (Element) -> Element
  ) {
    let width = MemoryLayout<Element>.size
    var index = [Int](repeating: 0, count: sizes.count)
    var position = offset
    for element in 0..<count {
      let value = source.loadUnaligned(fromByteOffset: position * width, as: Element.self)
      target.storeBytes(of: turned(value), toByteOffset: element * width, as: Element.self)
      // The next element: the last index that can be increased is, and those behind it are 0 again.
      var axis = sizes.count - 1
      while axis >= 0 {
        index[axis] += 1
        position += strides[axis]
        if index[axis] < sizes[axis] { break }
        position -= strides[axis] * sizes[axis]
        index[axis] = 0
        axis -= 1
      }
    }
  }
}
