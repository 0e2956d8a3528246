import CKernels
import COneDNN

/// A factor of a product in the type that both enter it in, converted where it has another.
struct Factor {
  private let matrix: Matrix
  private let view: lr_view

  var height: Int { matrix.height }
  var width: Int { matrix.width }

  init(_ matrix: Matrix, as type: ElementType, by engine: CPUEngine) {
    let tensor = matrix.tensor
    let source = engine.view(
      tensor, row: matrix.rows.lowerBound, column: matrix.columns.lowerBound)
    guard tensor.type != type else {
      self.matrix = matrix
      view = source
      return
    }
    let copy = engine.empty([matrix.rows.count, matrix.columns.count], type)
    lr_copy(source, engine.view(copy), copy.kernelRows, copy.kernelColumns)
    self.matrix = Matrix(copy, transposed: matrix.isTransposed)
    view = engine.view(copy)
  }

  private init(_ matrix: Matrix, _ view: lr_view) {
    self.matrix = matrix
    self.view = view
  }

  var transposed: Factor { Factor(matrix.transposed, view) }

  /// `c = scale · self other + bias`, or `c += …`.
  func multiply(
    _ other: Factor, bias: (tensor: Tensor, memory: UnsafeMutableRawPointer)?, scale: Float,
    into c: lr_view, accumulating: Bool
  ) {
    var product = lr_dnn_product()
    product.m = Int64(height)
    product.n = Int64(other.width)
    product.k = Int64(width)
    product.inputs = view.type.shimType
    product.output = c.type.shimType
    product.bias_type = bias?.tensor.type == .bfloat16 ? LR_DNN_BF16 : LR_DNN_F32
    product.a = UnsafeRawPointer(view.data)
    product.b = UnsafeRawPointer(other.view.data)
    product.bias = bias.map { UnsafeRawPointer($0.memory) }
    product.c = c.data
    product.a_stride = view.stride
    product.b_stride = other.view.stride
    product.c_stride = c.stride
    product.a_transposed = matrix.isTransposed
    product.b_transposed = other.matrix.isTransposed
    product.accumulates = accumulating
    product.scale = scale
    _ = lr_threads()
    let status = withExtendedLifetime((self, other, bias)) { lr_dnn_multiply(&product) }
    precondition(
      status == 0,
      "oneDNN refused [\(height), \(width)] · [\(other.height), \(other.width)]: status \(status)")
  }
}

extension lr_type {
  fileprivate var shimType: lr_dnn_type { self == LR_BF16 ? LR_DNN_BF16 : LR_DNN_F32 }
}
