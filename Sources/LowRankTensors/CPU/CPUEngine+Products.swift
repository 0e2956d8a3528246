import CKernels
import COneDNN

extension CPUEngine {
  /// `scale · a b + bias`; where one factor is bf16 and the processor multiplies it, both enter as bf16.
  public func product(
    _ a: Matrix, _ b: Matrix, bias: Tensor?, scale: Float, type: ElementType
  ) -> Tensor {
    let result = empty([a.height, b.width], type)
    let target = view(result)
    guard let bias else {
      multiply(a, b, scale: scale, into: target, accumulating: false)
      return result
    }
    precondition(
      bias.count == b.width, "a bias of \(bias.shape) for \(b.width) columns")
    if scale == 1 && a.width > 0 && factorType(a, b).canStore(type) {
      multiply(a, b, bias: bias, scale: 1, into: target, accumulating: false)
    } else {
      // The library scales its bias too: start from the bias, in f32 so that it is rounded once.
      let sum = type == .float32 ? result : empty(result.shape, .float32)
      let vector = converted(bias, to: .float32)
      lr_fill_rows(singles(vector), view(sum), result.kernelRows, result.kernelColumns)
      multiply(a, b, scale: scale, into: view(sum), accumulating: true)
      if type != .float32 { lr_copy(flat(sum), flat(result), 1, Int64(sum.count)) }
    }
    return result
  }

  /// `a b + z u + bias`, rounded once where a kernel of ours adds all of it up.
  public func product(
    _ a: Matrix, _ b: Matrix, plus term: LowRankProduct, bias: Tensor?, type: ElementType
  ) -> Tensor {
    if isFew(a, b, in: factorType(a, b)) {
      var sum = product(a, b, bias: bias, scale: 1, type: .float32)
      addProduct(term.hidden, term.factor, scale: 1, to: &sum, rows: nil, columns: nil)
      return converted(sum, to: type)
    }
    let result = empty([a.height, b.width], type)
    if !multiplyByKernel(a, b, plus: term, bias: bias, into: view(result), accumulating: false) {
      var sum = product(a, b, bias: bias, scale: 1, type: type)
      addProduct(term.hidden, term.factor, scale: 1, to: &sum, rows: nil, columns: nil)
      return sum
    }
    return result
  }

  /// Adds `a b + z u` to `c`, in place where it is the only handle.
  public func addProduct(_ a: Matrix, _ b: Matrix, plus term: LowRankProduct, to c: inout Tensor) {
    makeWritable(&c)
    if !multiplyByKernel(a, b, plus: term, bias: nil, into: view(c), accumulating: true) {
      addProduct(a, b, scale: 1, to: &c, rows: nil, columns: nil)
      addProduct(term.hidden, term.factor, scale: 1, to: &c, rows: nil, columns: nil)
    }
  }

  /// Adds `scale · a b` to a part of `c`, in place where it is the only handle.
  public func addProduct(
    _ a: Matrix, _ b: Matrix, scale: Float, to c: inout Tensor, rows: Range<Int>?,
    columns: Range<Int>?
  ) {
    let rows = rows ?? 0..<c.shape.rows
    let columns = columns ?? 0..<c.shape.columns
    precondition(
      rows.count == a.height && columns.count == b.width && rows.upperBound <= c.shape.rows
        && columns.upperBound <= c.shape.columns,
      "a product [\(a.height), \(b.width)] for rows \(rows), columns \(columns) of \(c)")
    makeWritable(&c)
    let target = view(c, row: rows.lowerBound, column: columns.lowerBound)
    multiply(a, b, scale: scale, into: target, accumulating: true)
  }

  /// `c = scale · a b + bias`, or `c += scale · a b`; a bias comes with neither a scale nor an empty sum.
  func multiply(
    _ a: Matrix, _ b: Matrix, bias: Tensor? = nil, scale: Float, into c: lr_view,
    accumulating: Bool
  ) {
    precondition(
      a.width == b.height,
      "a product of [\(a.height), \(a.width)] and [\(b.height), \(b.width)] does not exist")
    let (m, n) = (Int64(a.height), Int64(b.width))
    guard m > 0 && n > 0 else { return }
    guard a.width > 0 else {
      if !accumulating { lr_clear(c, m, n) }
      return
    }
    guard !a.tensor.type.isPacked else {
      let left = unpacked(
        a.tensor, rows: a.rows, columns: 0..<a.tensor.shape.columns, as: factorType(a, b))
      return multiply(
        Matrix(left, columns: a.columns, transposed: a.isTransposed), b, bias: bias, scale: scale,
        into: c, accumulating: accumulating)
    }
    guard !b.tensor.type.isPacked else {
      return multiplyPacked(a, b, bias: bias, scale: scale, into: c, accumulating: accumulating)
    }
    let inputs = factorType(a, b)
    if bias == nil,
      addOuterByKernel(a, b, inputs, scale: scale, into: c, accumulating: accumulating)
    {
      return
    }
    if multiplyFew(
      operand(a, as: inputs), b, bias: bias, scale: scale, into: c, accumulating: accumulating)
    {
      return
    }
    if servesKernel(a, b),
      multiplyByKernel(
        operand(a, as: inputs), b, bias: bias, scale: scale, into: c, accumulating: accumulating)
    {
      return
    }
    // Gradients of weights: both factors are activations, and a processor that takes longer with bf16 gets them in f32.
    let isGradient = a.isTransposed && bias == nil
    multiplyByLibrary(
      a, b, isGradient && !Self.multipliesBFloat16Faster ? .float32 : inputs, bias: bias,
      scale: scale, into: c, accumulating: accumulating)
  }

  /// The product by oneDNN, in a type that both factors are converted to.
  private func multiplyByLibrary(
    _ a: Matrix, _ b: Matrix, _ inputs: ElementType, bias: Tensor?, scale: Float, into c: lr_view,
    accumulating: Bool
  ) {
    let (m, n) = (Int64(a.height), Int64(b.width))
    let left = Factor(a, as: inputs, by: self)
    let right = Factor(b, as: inputs, by: self)
    if bias == nil && isSlow(a, b) {
      multiplyTransposed(left, right, scale: scale, into: c, accumulating: accumulating)
    } else if inputs.canStore(c.elementType) {
      let bias = bias.map { inputs == .float32 ? converted($0, to: .float32) : $0 }
      left.multiply(
        right, bias: bias.map { ($0, memory($0)) }, scale: scale, into: c,
        accumulating: accumulating)
    } else {
      let sum = empty([a.height, b.width], .float32)
      left.multiply(right, bias: nil, scale: scale, into: view(sum), accumulating: false)
      if accumulating {
        lr_add(c, view(sum), 1, c, m, n)
      } else {
        lr_copy(view(sum), c, m, n)
      }
    }
  }

  /// The type that both factors enter a product in: bf16 where one has it and the processor multiplies it.
  ///
  /// A packed factor follows the other.
  func factorType(_ a: Matrix, _ b: Matrix) -> ElementType {
    let hasBFloat16 = a.tensor.type == .bfloat16 || b.tensor.type == .bfloat16
    return hasBFloat16 && Self.multipliesBFloat16Natively ? .bfloat16 : .float32
  }
}

extension CPUEngine {
  /// Whether oneDNN takes a product of this form, `dB = dyᵀ z`, at a third of the rate of its transpose.
  private func isSlow(_ a: Matrix, _ b: Matrix) -> Bool {
    a.isTransposed && b.width <= 32 && a.height >= 8 * b.width
  }

  /// The same through `cᵀ = bᵀ aᵀ`.
  private func multiplyTransposed(
    _ a: Factor, _ b: Factor, scale: Float, into c: lr_view, accumulating: Bool
  ) {
    let (m, n) = (a.height, b.width)
    let turned = empty([n, m], .float32)
    b.transposed.multiply(
      a.transposed, bias: nil, scale: scale, into: view(turned), accumulating: false)
    guard accumulating else { return lr_transpose(view(turned), c, Int64(n), Int64(m)) }
    let sum = empty([m, n], .float32)
    lr_transpose(view(turned), view(sum), Int64(n), Int64(m))
    lr_add(c, view(sum), 1, c, Int64(m), Int64(n))
  }
}

extension ElementType {
  /// Whether the library stores a product of factors of this type as `type`.
  fileprivate func canStore(_ type: ElementType) -> Bool { self == .bfloat16 || type == .float32 }
}

extension lr_view {
  fileprivate var elementType: ElementType { type == LR_BF16 ? .bfloat16 : .float32 }
}
