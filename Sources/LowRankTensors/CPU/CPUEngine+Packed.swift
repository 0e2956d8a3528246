import CKernels

/// Products with a packed factor, where there is no kernel for them: it is unpacked panel by panel, and each panel is
/// multiplied while it lies in the cache.
extension CPUEngine {
  /// The elements of a panel: enough for the library's full rate, few enough for the second level of the cache.
  private static let panel = 1 << 20
  /// The rows above which a panel of columns, at least one block wide, would be too large.
  private static let mostRows = 1 << 14

  /// `c = scale · a b + bias`, or `c += scale · a b`, where `b` is packed.
  func multiplyPacked(
    _ a: Matrix, _ b: Matrix, bias: Tensor?, scale: Float, into c: lr_view, accumulating: Bool
  ) {
    let inputs = factorType(a, b)
    let left = operand(a, as: inputs)
    guard
      !multiplyFew(left, b, bias: bias, scale: scale, into: c, accumulating: accumulating),
      !multiplyByKernel(
        left, b, bias: bias, scale: scale, into: c, accumulating: accumulating)
    else { return }
    let product = PackedProduct(
      engine: self, left: left, weight: b, inputs: inputs, scale: scale, target: c,
      accumulates: accumulating)
    if b.isTransposed {
      product.overRows(bias: bias, panel: Self.panel)
    } else if b.rows.count <= Self.mostRows {
      product.overColumns(bias: bias, panel: Self.panel)
    } else {
      product.addingRows(bias: bias, panel: Self.panel)
    }
  }

  /// A rectangle of a packed tensor as a tensor of another type; columns begin with a block.
  func unpacked(_ tensor: Tensor, rows: Range<Int>, columns: Range<Int>, as type: ElementType)
    -> Tensor
  {
    let result = empty([rows.count, columns.count], type)
    lr_unpack(
      packed(tensor), Int64(rows.lowerBound), Int64(columns.lowerBound), view(result),
      result.kernelRows, result.kernelColumns)
    return result
  }

  /// The tensor as kernels that unpack see it.
  func packed(_ tensor: Tensor) -> lr_packed {
    lr_packed(
      data: memory(tensor), type: tensor.type.packedType,
      row_bytes: Int64(tensor.type.bytes(of: tensor.shape.columns)))
  }

  /// The rectangle as a factor of the type, converted once for all panels.
  func operand(_ matrix: Matrix, as type: ElementType) -> Matrix {
    guard matrix.tensor.type != type else { return matrix }
    let rows = matrix.tensor.viewed(rows: matrix.rows)
    let isWhole = matrix.columns.count == rows.shape.columns
    let part = isWhole ? rows : columns(matrix.columns, of: rows)
    return Matrix(converted(part, to: type), transposed: matrix.isTransposed)
  }
}

/// One product with a packed factor, and the orders in which its panels are taken.
private struct PackedProduct {
  let engine: CPUEngine
  let left: Matrix
  let weight: Matrix
  let inputs: ElementType
  let scale: Float
  let target: lr_view
  let accumulates: Bool

  /// Rows of the weight are columns of the result: `c[:, panel] = a Wᵀ[:, panel]`.
  func overRows(bias: Tensor?, panel: Int) {
    let columns = blocks(around: weight.columns)
    let step = max(64, panel / max(1, columns.count) / 64 * 64)
    for rows in weight.rows.pieces(of: step) {
      let part = engine.unpacked(weight.tensor, rows: rows, columns: columns, as: inputs)
      let inside = weight.columns.shifted(by: -columns.lowerBound)
      let start = rows.lowerBound - weight.rows.lowerBound
      multiply(
        left, Matrix(part, columns: inside, transposed: true),
        bias: bias?.viewed(elements: start..<start + rows.count), from: start)
    }
  }

  /// Columns of the weight are columns of the result: `c[:, panel] = a W[:, panel]`.
  func overColumns(bias: Tensor?, panel: Int) {
    let least = max(weight.tensor.type.block.count, 128)
    let step = max(1, panel / max(1, weight.rows.count) / least) * least
    for columns in weight.columns.pieces(of: step) {
      let whole = blocks(around: columns)
      let part = engine.unpacked(weight.tensor, rows: weight.rows, columns: whole, as: inputs)
      let start = columns.lowerBound - weight.columns.lowerBound
      multiply(
        left, Matrix(part, columns: columns.shifted(by: -whole.lowerBound)),
        bias: bias?.viewed(elements: start..<start + columns.count), from: start)
    }
  }

  /// Rows of the weight are terms of the sum, which is kept in f32: `c = Σ a[:, panel] W[panel]`.
  func addingRows(bias: Tensor?, panel: Int) {
    precondition(bias == nil, "a product over the rows of a packed table has no bias")
    let columns = blocks(around: weight.columns)
    let step = max(64, panel / max(1, columns.count) / 64 * 64)
    let sum = engine.zeros([left.height, weight.width], type: .float32)
    for rows in weight.rows.pieces(of: step) {
      let part = engine.unpacked(weight.tensor, rows: rows, columns: columns, as: inputs)
      let terms = rows.shifted(by: -weight.rows.lowerBound)
      engine.multiply(
        left.terms(terms), Matrix(part, columns: weight.columns.shifted(by: -columns.lowerBound)),
        scale: scale, into: engine.view(sum), accumulating: true)
    }
    store(sum)
  }

  /// Puts a finished sum in its place.
  private func store(_ sum: Tensor) {
    let (m, n) = (sum.kernelRows, sum.kernelColumns)
    if accumulates {
      lr_add(target, engine.view(sum), 1, target, m, n)
    } else {
      lr_copy(engine.view(sum), target, m, n)
    }
  }

  private func multiply(_ a: Matrix, _ b: Matrix, bias: Tensor?, from column: Int) {
    var place = target
    place.data += column * (target.type == LR_BF16 ? 2 : 4)
    engine.multiply(a, b, bias: bias, scale: scale, into: place, accumulating: accumulates)
  }

  /// The columns of the blocks that hold the given ones.
  private func blocks(around columns: Range<Int>) -> Range<Int> {
    let block = weight.tensor.type.block.count
    let start = columns.lowerBound / block * block
    let end = (columns.upperBound + block - 1) / block * block
    return start..<min(end, weight.tensor.shape.columns)
  }
}

extension Matrix {
  /// Some of the terms that products with the matrix on the left add up.
  fileprivate func terms(_ range: Range<Int>) -> Matrix {
    isTransposed
      ? Matrix(
        tensor, rows: range.shifted(by: rows.lowerBound), columns: columns, transposed: true)
      : Matrix(tensor, rows: rows, columns: range.shifted(by: columns.lowerBound))
  }
}

extension Tensor {
  /// A run of the elements of a vector, sharing its memory.
  fileprivate func viewed(elements: Range<Int>) -> Tensor {
    Tensor(storage, [elements.count], type, offset: offset + elements.lowerBound)
  }
}

extension Range<Int> {
  /// Pieces of a length, the last one perhaps shorter.
  fileprivate func pieces(of length: Int) -> [Range<Int>] {
    stride(from: lowerBound, to: upperBound, by: length).map {
      $0..<Swift.min($0 + length, upperBound)
    }
  }

  fileprivate func shifted(by distance: Int) -> Range<Int> {
    lowerBound + distance..<upperBound + distance
  }
}

extension ElementType {
  /// The type as the kernels that unpack know it.
  var packedType: lr_packed_type {
    switch self {
    case .float32, .bfloat16, .int32: preconditionFailure("\(rawValue) is not packed")
    case .float16: LR_F16
    case .q4_0: LR_Q4_0
    case .q4_1: LR_Q4_1
    case .q5_0: LR_Q5_0
    case .q5_1: LR_Q5_1
    case .q8_0: LR_Q8_0
    case .q2_K: LR_Q2_K
    case .q3_K: LR_Q3_K
    case .q4_K: LR_Q4_K
    case .q5_K: LR_Q5_K
    case .q6_K: LR_Q6_K
    case .iq4_NL: LR_IQ4_NL
    }
  }
}
