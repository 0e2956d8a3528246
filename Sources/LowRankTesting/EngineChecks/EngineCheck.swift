import LowRankTensors

/// One computation that an engine must do as the reference engine does.
///
/// `EngineCheck.all` covers every requirement of `Engine` over shapes, types and layouts. To hold a new
/// engine against the specification, expect `check.failures(of: engine)` to be empty for each of them.
public struct EngineCheck: Sendable, CustomStringConvertible {
  /// What is computed, on what.
  public let description: String
  /// The largest relative distance allowed, where it is not that of the result's type.
  let tolerance: Double?
  /// The computation: the same sequence of random inputs for every engine.
  let results: @Sendable (inout EngineTrial) -> [EngineResult]

  init(
    _ description: String, tolerance: Double? = nil,
    _ results: @escaping @Sendable (inout EngineTrial) -> [EngineResult]
  ) {
    self.description = description
    self.tolerance = tolerance
    self.results = results
  }

  /// Every check there is.
  public static let all: [EngineCheck] =
    memory + optimizers + [normsFarFromZero] + typed(.float32) + typed(.bfloat16)

  /// The checks that are done once for each type of their inputs.
  private static func typed(_ type: ElementType) -> [EngineCheck] {
    let families = [
      elements, columns, dropouts, rows, norms, normGradients, activations, rotary, products,
      additions, grams, lowRank, packed, heads, attention, relativeAttention,
    ]
    return families.flatMap { $0(type) }
  }

  /// What differs from the reference engine, one sentence for each result that does.
  public func failures(of engine: any Engine) -> [String] {
    let reference = ReferenceEngine()
    var (trial, specification) = (EngineTrial(engine), EngineTrial(reference))
    let (results, expected) = (results(&trial), results(&specification))
    guard results.count == expected.count else {
      return ["there are \(results.count) results, not \(expected.count)"]
    }
    return zip(results, expected).compactMap { result, expected in
      difference(result, of: engine, from: expected, of: reference)
        .map { "\(result.name) \($0)" }
    }
  }

  /// The names of the results that differ in any bit when the engine computes them again.
  public func unrepeatableResults(on engine: any Engine) -> [String] {
    var (once, again) = (EngineTrial(engine), EngineTrial(engine))
    func bits(_ tensor: Tensor?) -> [UInt64] {
      guard let tensor else { return [] }
      return tensor.type == .int32
        ? engine.integers(tensor).map { UInt64(truncatingIfNeeded: $0) }
        : engine.doubles(tensor).map(\.bitPattern)
    }
    return zip(results(&once), results(&again)).compactMap { first, second in
      bits(first.tensor) == bits(second.tensor) ? nil : first.name
    }
  }

  private func difference(
    _ result: EngineResult, of engine: any Engine, from expected: EngineResult,
    of reference: ReferenceEngine
  ) -> String? {
    guard let tensor = result.tensor, let wanted = expected.tensor else {
      return result.tensor == nil && expected.tensor == nil
        ? nil
        : "is \(result.tensor?.description ?? "nil"), not \(expected.tensor?.description ?? "nil")"
    }
    guard tensor.shape == wanted.shape, tensor.type == wanted.type else {
      return "is \(tensor), not \(wanted)"
    }
    if tensor.type == .int32 {
      return engine.integers(tensor) == reference.integers(wanted) ? nil : "holds other integers"
    }
    let allowed = result.tolerance ?? tolerance ?? (tensor.type == .bfloat16 ? 1e-2 : 5e-6)
    let distance = relativeDistance(engine.doubles(tensor), from: reference.doubles(wanted))
    return distance <= allowed ? nil : "differs by \(distance), more than \(allowed)"
  }
}
