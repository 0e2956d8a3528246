import LowRank

extension ModelOptions {
  /// The error about numbers of a model that are not finite, with the first weights that hold one.
  ///
  /// - Parameter problem: which numbers they are, as `the loss is not finite`.
  func nonFinite(_ problem: String, of adapted: AdaptedModel) -> DataError {
    let place = adapter ?? model ?? ""
    if let name = adapted.firstNonFiniteParameter {
      return DataError(place, "\(problem): \(name) holds a number that is not finite".printable)
    }
    if let name = adapted.firstNonFiniteTensor {
      return DataError(
        place, "\(problem): \(name) of \(model ?? "") holds a number that is not finite".printable)
    }
    return DataError(
      place,
      "\(problem), though all weights are: one is too large for this input\(adapted.model.type == .bfloat16 ? "; --precision f32 computes more exactly" : "")"
    )
  }
}

extension AdaptedModel {
  /// The first parameter of the adapter with a number that is not finite; nil if there is none.
  fileprivate var firstNonFiniteParameter: String? {
    guard let adapter else { return nil }
    return adapter.trainable.first { parameter in
      !model.engine.floats(adapter.values[parameter]).allSatisfy(\.isFinite)
    }?.path
  }

  /// The first tensor of the model's files with a number that is not finite; nil if there is none, or if it cannot be read.
  fileprivate var firstNonFiniteTensor: String? {
    model.folder?.tensors.first { tensor in
      (try? tensor.floats())?.allSatisfy(\.isFinite) == false
    }?.name.text
  }
}
