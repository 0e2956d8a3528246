/// A weight of a linear map, in either of the layouts that checkpoints use.
public struct LinearWeight: Sendable {
  /// The numbers.
  public let tensor: Tensor
  /// Whether rows are inputs, as GPT-2's `Conv1D` stores them, instead of outputs.
  public let inputsFirst: Bool

  /// A weight in the given layout.
  public init(_ tensor: Tensor, inputsFirst: Bool = false) {
    self.tensor = tensor
    self.inputsFirst = inputsFirst
  }

  /// The weight as `[inputs, outputs]`, the right operand of `x Wᵀ`.
  var forward: Matrix { Matrix(tensor, transposed: !inputsFirst) }

  /// The weight as `[outputs, inputs]`.
  var backward: Matrix { forward.transposed }

  /// The weight stored as a type; a packed one stays as it is, since products unpack it.
  func converted(to type: ElementType, by engine: any Engine) -> LinearWeight {
    tensor.type.isPacked
      ? self : LinearWeight(engine.converted(tensor, to: type), inputsFirst: inputsFirst)
  }
}

extension Computation {
  /// `y = x Wᵀ + b + Σ scale · (x Aᵀ) Bᵀ`, one operation that keeps only `x Aᵀ`, and `x` where A or W is
  /// trained.
  ///
  /// `x` is `[rows, inputs]`, the result `[rows, outputs]` in the computation's type.
  public func linear(
    _ x: Tensor, _ weight: LinearWeight, bias: Tensor? = nil, adding terms: [LowRankTerm] = []
  ) -> Tensor {
    let x = converted(x)
    let frozen = weight.converted(to: type, by: engine)
    var y =
      omitsProducts
      ? engine.zeros([x.shape.rows, frozen.forward.width], type: type)
      : engine.product(Matrix(x), frozen.forward, bias: bias, scale: 1, type: type)
    var applied: [AppliedTerm] = []
    for term in terms { applied.append(AppliedTerm(term, to: x, addingTo: &y, with: self)) }

    guard let tape, isTracked(x, weight, bias, terms) else { return y }
    let kept = tape.tracks(weight.tensor) ? x : nil
    let (xReference, trained, biasReference) = (
      x.reference, weight.tensor.reference, bias?.reference
    )
    tape.record(y) { [type] dy, gradients in
      let dy = gradients.engine.converted(dy, to: type)
      gradients.addProduct(Matrix(dy), frozen.backward, to: xReference, type: type)
      for term in applied { term.backward(dy, type, &gradients) }
      if let kept {
        let (a, b) = weight.inputsFirst ? (kept, dy) : (dy, kept)
        gradients.addProduct(a.transposed, Matrix(b), to: trained, type: .float32)
      }
      if let biasReference { gradients.add(to: biasReference) { $0.columnSums(dy) } }
    }
    return y
  }

  private func isTracked(
    _ x: Tensor, _ weight: LinearWeight, _ bias: Tensor?, _ terms: [LowRankTerm]
  ) -> Bool {
    tape(for: x, weight.tensor, bias) != nil
      || terms.contains { tape(for: $0.down, $0.up, $0.input) != nil }
  }
}
