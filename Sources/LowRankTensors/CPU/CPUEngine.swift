import CKernels
import COneDNN

/// The engine of the processor: oneDNN for products, fused kernels for the rest, one pool of threads for both.
///
/// A resident weight is used where it lies in a mapped file if its address suits its type: products from odd
/// addresses are as fast as from aligned ones.
public final class CPUEngine: Engine {
  /// The memory of the tensors.
  public let pool = BufferPool()

  /// The best instructions that the kernels of products use, where the processor has them.
  package enum ProductKernels: Int, CaseIterable, Sendable {
    case none, avx2, avx512, avx512BFloat16, amx
  }

  private let productKernels: ProductKernels

  /// An engine; the number of threads holds for the whole process, all cores where nil.
  public init(threads: Int? = nil) {
    productKernels = ProductKernels(rawValue: Int(lr_fastest_products().rawValue)) ?? .none
    if let threads {
      precondition(threads > 0, "an engine needs a thread, not \(threads)")
      lr_set_threads(Int32(threads))
    }
  }

  /// An engine that uses no kernel of products beyond some instructions.
  package init(kernels: ProductKernels) {
    productKernels = kernels
  }

  /// Whether the processor has instructions that multiply bfloat16.
  public static let multipliesBFloat16Natively = lr_dnn_multiplies_bf16()

  /// The threads that an operation runs on.
  public var threads: Int { Int(lr_threads()) }

  /// What the engine runs on.
  public var name: String { "CPU, \(threads) threads" }
}

extension CPUEngine {
  /// The same, as the kernels know it.
  var kernels: lr_product_set { lr_product_set(rawValue: UInt32(productKernels.rawValue)) }

  /// A tensor whose content is undefined.
  func empty(_ shape: Shape, _ type: ElementType) -> Tensor {
    precondition(!type.isPacked, "nothing is computed as \(type.rawValue)")
    return Tensor(CPUBuffer(bytes: shape.count * type.size, from: pool), shape, type)
  }

  func buffer(_ tensor: Tensor) -> CPUBuffer {
    guard let buffer = tensor.storage as? CPUBuffer else {
      preconditionFailure("\(tensor) belongs to another engine")
    }
    return buffer
  }

  /// The address of the first element.
  func memory(_ tensor: Tensor) -> UnsafeMutableRawPointer {
    buffer(tensor).memory + tensor.type.bytes(of: tensor.offset)
  }

  func singles(_ tensor: Tensor) -> UnsafeMutablePointer<Float> {
    precondition(tensor.type == .float32, "\(tensor) is not f32")
    return memory(tensor).assumingMemoryBound(to: Float.self)
  }

  func numbers(_ tensor: Tensor) -> UnsafeMutablePointer<Int32> {
    precondition(tensor.type == .int32, "\(tensor) does not hold integers")
    return memory(tensor).assumingMemoryBound(to: Int32.self)
  }

  /// The tensor as kernels see it, from the given row and column on.
  func view(_ tensor: Tensor, row: Int = 0, column: Int = 0) -> lr_view {
    let stride = tensor.shape.columns
    return lr_view(
      data: memory(tensor) + (row * stride + column) * tensor.type.size,
      type: tensor.type.kernelType, stride: Int64(stride))
  }

  /// The tensor as kernels see it, or nothing.
  func view(_ tensor: Tensor?) -> lr_view {
    tensor.map { view($0) } ?? lr_view(data: nil, type: LR_F32, stride: 0)
  }

  /// Copies the tensor unless it may be written in place.
  func makeWritable(_ tensor: inout Tensor) {
    guard !(tensor.isUnique() && buffer(tensor).isWritable) else { return }
    precondition(!tensor.type.isPacked, "\(tensor) is frozen")
    let copy = empty(tensor.shape, tensor.type)
    lr_copy(view(tensor), view(copy), tensor.kernelRows, tensor.kernelColumns)
    tensor = copy
  }
}

extension ElementType {
  /// The type as kernels know it; integers are no operands.
  var kernelType: lr_type {
    precondition(
      self == .bfloat16 || self == .float32, "\(rawValue) is no operand of arithmetic")
    return self == .bfloat16 ? LR_BF16 : LR_F32
  }
}

extension Tensor {
  var kernelRows: Int64 { Int64(shape.rows) }
  var kernelColumns: Int64 { Int64(shape.columns) }
}
