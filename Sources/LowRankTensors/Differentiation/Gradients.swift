/// The gradients that a backward pass has collected so far and not yet consumed.
package struct Gradients {
  /// The engine that adds them.
  package let engine: any Engine
  private let tracked: Set<UInt64>
  private var values: [UInt64: Tensor] = [:]

  init(engine: any Engine, tracked: Set<UInt64>) {
    self.engine = engine
    self.tracked = tracked
  }

  /// Whether the gradient of a tensor is wanted by anybody.
  package func wants(_ tensor: TensorReference) -> Bool { tracked.contains(tensor.id) }

  /// Removes and returns what flowed into an output; nil where nothing did.
  package mutating func take(_ output: TensorReference) -> Tensor? { take(output.id) }

  mutating func take(_ id: UInt64) -> Tensor? { values.removeValue(forKey: id) }

  /// Adds what a part of the computation has collected on its own.
  mutating func add(contentsOf other: Gradients) {
    for (id, gradient) in other.values where tracked.contains(id) {
      guard var sum = values.removeValue(forKey: id) else {
        values[id] = gradient
        continue
      }
      engine.add(gradient, scale: 1, to: &sum)
      values[id] = sum
    }
  }

  func reached(_ id: UInt64) -> Bool { values[id] != nil }

  mutating func discard(_ ids: [UInt64]) {
    for id in ids { values[id] = nil }
  }

  /// Adds to the gradient of an input, unless nobody wants it.
  package mutating func add(_ gradient: Tensor, to input: TensorReference) {
    add(to: input) { _ in gradient }
  }

  /// Adds to the gradient of an input what is worked out only where somebody wants it.
  package mutating func add(to input: TensorReference, _ gradient: (any Engine) -> Tensor) {
    update(input) { engine, slot in
      if slot == nil {
        slot = gradient(engine)
      } else {
        engine.add(gradient(engine), scale: 1, to: &slot!)
      }
    }
  }

  /// Lets an operation add to the gradient of an input itself, in place where it can.
  package mutating func update(
    _ input: TensorReference, _ body: (any Engine, inout Tensor?) -> Void
  ) {
    guard wants(input) else { return }
    var slot = values.removeValue(forKey: input.id)
    body(engine, &slot)
    values[input.id] = slot
  }
}

extension Gradients {
  /// Adds `a b + z u` to the gradient of an input; a fresh gradient is stored as `type`.
  mutating func addProduct(
    _ a: Matrix, _ b: Matrix, plus term: LowRankProduct?, to input: TensorReference,
    type: ElementType
  ) {
    guard let term else { return addProduct(a, b, to: input, type: type) }
    update(input) { engine, slot in
      if slot == nil {
        slot = engine.product(a, b, plus: term, bias: nil, type: type).viewed(as: input.shape)
      } else {
        engine.addProduct(a, b, plus: term, to: &slot!)
      }
    }
  }

  /// Adds `scale · a b` to the gradient of an input; a fresh gradient is stored as `type`.
  package mutating func addProduct(
    _ a: Matrix, _ b: Matrix, scale: Float = 1, to input: TensorReference, type: ElementType
  ) {
    update(input) { engine, slot in
      if slot == nil {
        slot = engine.product(a, b, scale: scale, storedAs: type).viewed(as: input.shape)
      } else {
        engine.addProduct(a, b, scale: scale, to: &slot!, rows: nil, columns: nil)
      }
    }
  }
}
