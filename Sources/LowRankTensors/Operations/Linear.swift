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
    if let y = serving(x, frozen, bias, terms) { return y }
    let applied = terms.map { AppliedTerm($0, to: x, with: self) }
    let y = mapped(x, frozen, bias, applied)

    guard let tape, isTracked(x, weight, bias, terms) else { return y }
    let kept = tape.tracks(weight.tensor) ? x : nil
    let (xReference, trained, biasReference) = (
      x.reference, weight.tensor.reference, bias?.reference
    )
    tape.record(y) { [type] dy, gradients in
      let dy = gradients.engine.converted(dy, to: type)
      var joined: LowRankProduct?
      var rest: [(AppliedTerm, Tensor)] = []
      for term in applied {
        guard let dHidden = term.factorGradients(dy, type, &gradients) else { continue }
        if joined == nil, let product = term.inputGradient(dHidden, of: xReference) {
          joined = product
        } else {
          rest.append((term, dHidden))
        }
      }
      gradients.addProduct(
        Matrix(dy), frozen.backward, plus: joined, to: xReference, type: type)
      for (term, dHidden) in rest { term.addInputGradient(dHidden, type, &gradients) }
      if let kept {
        let (a, b) = weight.inputsFirst ? (kept, dy) : (dy, kept)
        gradients.addProduct(a.transposed, Matrix(b), to: trained, type: .float32)
      }
      if let biasReference { gradients.add(to: biasReference) { $0.columnSums(dy) } }
    }
    return y
  }

  /// `x Wᵀ + b` and terms of rows, or of few rows, by one kernel that reads B transposed; nil where a term has an input of its own,
  /// or derivatives are recorded.
  private func serving(
    _ x: Tensor, _ weight: LinearWeight, _ bias: Tensor?, _ terms: [LowRankTerm]
  ) -> Tensor? {
    let isFew = !terms.isEmpty && x.shape.rows <= RowTerm.fewRows && !omitsProducts
    guard tape == nil, isFew || terms.contains(where: { $0.rows != nil }) else { return nil }
    var rows: [RowTerm] = []
    for term in terms {
      guard term.input == nil, isFew || term.upTransposed != nil else { return nil }
      let up = term.upTransposed ?? engine.transposed(term.up)
      guard term.down.type == up.type, isFew || up.type == type else { return nil }
      rows.append(
        RowTerm(
          rows: term.rows ?? 0..<x.shape.rows, columns: term.columns ?? 0..<up.shape.columns,
          down: term.down, up: up, scale: term.scale))
    }
    var y = engine.product(Matrix(x), weight.forward, bias: bias, scale: 1, type: type)
    engine.add(rows, of: x, to: &y)
    return y
  }

  /// `x Wᵀ + b` and the terms; the first that adds to all of it joins its sum.
  private func mapped(
    _ x: Tensor, _ weight: LinearWeight, _ bias: Tensor?, _ terms: [AppliedTerm]
  ) -> Tensor {
    let joined = omitsProducts ? nil : terms.firstIndex { $0.output != nil }
    var y: Tensor
    if omitsProducts {
      y = engine.zeros([x.shape.rows, weight.forward.width], type: type)
    } else if let term = joined.flatMap({ terms[$0].output }) {
      y = engine.product(Matrix(x), weight.forward, plus: term, bias: bias, type: type)
    } else {
      y = engine.product(Matrix(x), weight.forward, bias: bias, scale: 1, type: type)
    }
    for (index, term) in terms.enumerated() where index != joined {
      term.add(to: &y, by: engine)
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
