/// Where operations run: an engine, the type of matrix inputs, and a tape where derivatives are wanted.
///
/// Each operation is an extension of this type in a file of its own, its derivative beside its value.
public struct Computation {
  /// The device.
  public let engine: any Engine
  /// The type of matrix inputs and of what is stored between operations.
  public let type: ElementType
  /// What records derivatives; nil where none are wanted.
  public let tape: Tape?
  /// Whether linear maps are recorded without their products: they are made again for their derivative alone.
  package var omitsProducts = false

  /// Operations on an engine, recorded where a tape is given.
  public init(engine: any Engine, type: ElementType = .float32, tape: Tape? = nil) {
    self.engine = engine
    self.type = type
    self.tape = tape
  }

  /// The tape, where any of the inputs leads to a watched tensor.
  func tape(for inputs: Tensor?...) -> Tape? {
    guard let tape, inputs.contains(where: { $0.map(tape.tracks) ?? false }) else { return nil }
    return tape
  }
}
