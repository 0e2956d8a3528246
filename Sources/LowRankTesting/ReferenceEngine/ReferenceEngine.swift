import LowRankTensors

/// The specification of every kernel in plain Swift, in f64.
///
/// Other engines are right when they agree with it; it puts clarity before speed. Element types are
/// recorded and otherwise ignored: a tensor of type `ElementType.bfloat16` or
/// `ElementType.float32` holds f64 numbers that were never rounded, so that central differences of
/// its values are exact to many digits. Feed it numbers that are already rounded to compare it with an
/// engine that rounds.
///
/// Storage is never written twice. An `inout` operand is replaced by a tensor of its own, which no other
/// handle can tell from writing in place.
public final class ReferenceEngine: Engine {
  /// An engine; all of them are alike.
  public init() {}

  /// What the engine runs on.
  public var name: String { "reference (f64)" }
}

/// Floating-point numbers, whatever the tensor's type.
final class NumberStorage: TensorStorage, @unchecked Sendable {
  let numbers: [Double]

  init(_ numbers: [Double]) { self.numbers = numbers }
}

/// Identifiers, positions and labels.
final class IntegerStorage: TensorStorage, @unchecked Sendable {
  let integers: [Int32]

  init(_ integers: [Int32]) { self.integers = integers }
}

extension ReferenceEngine {
  /// A tensor that holds the given numbers.
  func made(_ numbers: [Double], _ shape: Shape, _ type: ElementType) -> Tensor {
    precondition(numbers.count == shape.count, "\(numbers.count) numbers do not fill \(shape)")
    precondition(type != .int32, "integers are made from [Int32]")
    return Tensor(NumberStorage(numbers), shape, type)
  }

  /// Replaces a tensor by one with changed numbers.
  func change(_ tensor: inout Tensor, _ body: (inout [Double]) -> Void) {
    var numbers = doubles(tensor)
    body(&numbers)
    tensor = made(numbers, tensor.shape, tensor.type)
  }

  /// Traps unless two tensors have the same shape.
  func requireEqualShapes(_ a: Tensor, _ b: Tensor) {
    precondition(a.shape == b.shape, "\(a) and \(b) differ in shape")
  }
}
