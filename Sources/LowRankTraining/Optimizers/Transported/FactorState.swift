import LowRankCheckpoints
import LowRankTensors

/// Tensors that an optimizer keeps of factors, by part, with the names under which a state holds them.
struct FactorState<Part: Hashable & CaseIterable & RawRepresentable<String> & Sendable>: Sendable {
  private var parts: [Parameter: [Part: Tensor]] = [:]

  /// One part of a factor; nil where there is none yet.
  subscript(parameter: Parameter, part: Part) -> Tensor? {
    get { parts[parameter]?[part] }
    set { parts[parameter, default: [:]][part] = newValue }
  }

  /// Forgets a factor.
  mutating func forget(_ parameter: Parameter) { parts[parameter] = nil }

  /// Whether anything is kept of a factor.
  func contains(_ parameter: Parameter) -> Bool { parts[parameter] != nil }

  /// What is kept, by name.
  var named: [TensorName: Tensor] {
    var result: [TensorName: Tensor] = [:]
    for (parameter, own) in parts {
      for (part, tensor) in own { result[Self.name(of: parameter, part)] = tensor }
    }
    return result
  }

  /// Takes the tensors that are of this kind out of a saved state.
  ///
  /// - Parameter shape: the shape of a part.
  /// - Throws: `TrainingError` where one is missing or misshapen.
  init(
    from state: inout [TensorName: Tensor], of parameters: [Parameter],
    shape: (Parameter, Part) -> Shape
  ) throws(TrainingError) {
    for parameter in parameters {
      let names = Part.allCases.map { ($0, Self.name(of: parameter, $0)) }
      guard names.contains(where: { state[$0.1] != nil }) else { continue }
      for (part, name) in names {
        guard let tensor = state.removeValue(forKey: name) else {
          throw .missingState(name: name.text)
        }
        let expected = shape(parameter, part)
        guard tensor.shape == expected else {
          throw .misshapenState(
            name: name.text, found: "\(tensor.shape)", expected: "\(expected)")
        }
        parts[parameter, default: [:]][part] = tensor
      }
    }
  }

  /// Nothing kept.
  init() {}

  private static func name(of parameter: Parameter, _ part: Part) -> TensorName {
    TensorName("\(parameter.path).\(part.rawValue)")
  }
}
