/// A record of the operations that lead from trainable parameters to a loss.
///
/// Operations append a node only where one of their inputs leads to a watched tensor, so nothing below
/// the lowest adapter is recorded. Nodes hold what their derivative needs and are freed one by one as
/// the backward pass consumes them.
public final class Tape {
  /// One operation: what it produced, and how gradients of that become gradients of its inputs.
  private struct Node {
    let outputs: [UInt64]
    let backward: (inout Gradients) -> Void
  }

  let engine: any Engine
  private(set) var tracked: Set<UInt64>
  private let keepsNodes: Bool
  private var nodes: [Node] = []
  private var watched: [UInt64: Parameter] = [:]

  /// An empty tape on an engine.
  public convenience init(on engine: any Engine) { self.init(on: engine, tracking: []) }

  /// A tape for a part of what another one records: it follows the same tensors, and may keep nothing but what it follows.
  init(on engine: any Engine, tracking tracked: Set<UInt64>, keepsNodes: Bool = true) {
    self.engine = engine
    self.tracked = tracked
    self.keepsNodes = keepsNodes
  }

  /// Declares a tensor to be the value of a parameter whose gradient is wanted.
  public func watch(_ value: Tensor, as parameter: Parameter) {
    tracked.insert(value.id)
    watched[value.id] = parameter
  }

  /// Whether a tensor leads back to a watched one.
  public func tracks(_ tensor: Tensor) -> Bool { tracked.contains(tensor.id) }

  /// Appends an operation with one result, whose gradient its derivative is handed.
  ///
  /// The closure keeps what it captures until it has run: capture a ``TensorReference`` of a value whose
  /// numbers the derivative does not need.
  package func record(
    _ output: Tensor, _ backward: @escaping (_ gradient: Tensor, inout Gradients) -> Void
  ) {
    let id = output.id
    record(outputs: [output]) { gradients in
      if let gradient = gradients.take(id) { backward(gradient, &gradients) }
    }
  }

  /// Appends an operation with several results; call it only where an input is tracked.
  package func record(outputs: [Tensor], _ backward: @escaping (inout Gradients) -> Void) {
    tracked.formUnion(outputs.map(\.id))
    guard keepsNodes else { return }
    nodes.append(Node(outputs: outputs.map(\.id), backward: backward))
  }

  /// Runs the operations backwards from `seeds` and returns the gradient of each parameter reached.
  ///
  /// The tape is empty afterwards.
  public func gradients(from seeds: [(tensor: Tensor, gradient: Tensor)]) -> [Parameter: Tensor] {
    var gradients = flow(from: seeds)
    var result: [Parameter: Tensor] = [:]
    for (id, parameter) in watched {
      if let gradient = gradients.take(id) { result[parameter] = gradient }
    }
    watched = [:]
    return result
  }

  /// Runs the operations backwards from `seeds` and returns what has reached tensors that no operation made.
  func flow(from seeds: [(tensor: Tensor, gradient: Tensor)]) -> Gradients {
    var gradients = Gradients(engine: engine, tracked: tracked)
    for seed in seeds { gradients.add(seed.gradient, to: seed.tensor.reference) }
    tracked = []
    while let node = nodes.popLast() {
      if node.outputs.contains(where: gradients.reached) { node.backward(&gradients) }
      gradients.discard(node.outputs)
    }
    return gradients
  }
}
