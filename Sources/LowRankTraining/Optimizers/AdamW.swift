import Foundation
import LowRankCheckpoints
import LowRankTensors

/// Adam with decoupled weight decay. (Loshchilov and Hutter, arXiv 1711.05101)
///
/// As in transformers' Trainer biases and the weights of norms do not decay unless asked to; factors, magnitudes, embeddings
/// and other weights do.
public struct AdamW: Optimizer {
  /// The decay of the mean of gradients.
  public var beta1: Double
  /// The decay of the mean of their squares.
  public var beta2: Double
  /// What is added to the root of the mean of squares.
  public var epsilon: Double
  /// How much of itself a weight loses at a step, as a multiple of the learning rate.
  public var weightDecay: Double
  /// What does not decay.
  public var undecayed: Set<Parameter.Role>

  private struct Moments {
    var steps = 0
    var first: Tensor
    var second: Tensor
  }

  private var moments: [Parameter: Moments] = [:]

  /// The rule with no steps taken.
  public init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0,
    undecayed: Set<Parameter.Role> = [.bias, .norm]
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.undecayed = undecayed
  }

  /// Changes the values of the groups' members.
  public mutating func step(
    _ groups: [GradientGroup], _ step: OptimizerStep, store: inout ParameterStore
  ) {
    for member in groups.lazy.flatMap(\.members) {
      change(member.parameter, by: member.gradient, step, rate: step.rate, in: &store)
    }
  }

  /// Changes one parameter, at a rate of its own.
  mutating func change(
    _ parameter: Parameter, by gradient: Tensor, _ step: OptimizerStep, rate: Double,
    in store: inout ParameterStore
  ) {
    // Taken out, so that each moment has one handle and is changed in place.
    var own =
      moments.removeValue(forKey: parameter)
      ?? Moments(
        first: step.engine.zeros(parameter.shape, type: .float32),
        second: step.engine.zeros(parameter.shape, type: .float32))
    own.steps += 1
    let arithmetic = arithmetic(of: parameter, step, rate: rate, number: own.steps)
    store.update(parameter) { value in
      step.engine.adamW(
        arithmetic, gradient: gradient, value: &value, first: &own.first, second: &own.second)
    }
    moments[parameter] = own
  }

  /// The steps that were taken of a parameter.
  func steps(of parameter: Parameter) -> Int { moments[parameter]?.steps ?? 0 }

  /// Multiplies the means of a parameter's gradients by a factor, and of their squares by its square, as where the
  /// parameter was divided by it.
  mutating func scaleMoments(of parameter: Parameter, by factor: Double, on engine: any Engine) {
    guard var own = moments.removeValue(forKey: parameter) else { return }
    own.first = engine.scaled(own.first, by: Float(factor))
    own.second = engine.scaled(own.second, by: Float(factor * factor))
    moments[parameter] = own
  }

  /// Multiplies both moments by the mask; the number of steps stays.
  public mutating func mask(_ parameter: Parameter, by mask: Tensor, on engine: any Engine) {
    guard var own = moments.removeValue(forKey: parameter) else { return }
    own.first = engine.multiply(own.first, mask)
    own.second = engine.multiply(own.second, mask)
    moments[parameter] = own
  }

  private func arithmetic(
    of parameter: Parameter, _ step: OptimizerStep, rate: Double, number: Int
  ) -> AdamWStep {
    AdamWStep(
      rate: Float(rate), beta1: Float(beta1), beta2: Float(beta2), epsilon: Float(epsilon),
      weightDecay: undecayed.contains(parameter.role) ? 0 : Float(weightDecay),
      correction1: Float(1 - pow(beta1, Double(number))),
      correction2: Float(1 - pow(beta2, Double(number))),
      gradientScale: Float(step.gradientScale))
  }
}

extension AdamW {
  private enum Part: String, CaseIterable {
    case steps = "step"
    case first = "exp_avg"
    case second = "exp_avg_sq"

    func name(of parameter: Parameter) -> TensorName {
      TensorName("\(parameter.path).\(rawValue)")
    }

    func shape(of parameter: Parameter) -> Shape { self == .steps ? [1] : parameter.shape }
  }

  /// Two moments of four bytes for each number, and a count for each parameter.
  public func stateSize(of parameters: [Parameter]) -> Int {
    parameters.reduce(0) { $0 + 8 * $1.shape.count + 4 }
  }

  /// The moments and the number of steps of each parameter, all f32, under the names that torch has.
  public func state(on engine: any Engine) -> [TensorName: Tensor] {
    var state: [TensorName: Tensor] = [:]
    for (parameter, own) in moments {
      state[Part.steps.name(of: parameter)] = engine.filled(Float(own.steps), [1])
      state[Part.first.name(of: parameter)] = own.first
      state[Part.second.name(of: parameter)] = own.second
    }
    return state
  }

  /// Continues from a saved state; a parameter of which it has nothing starts afresh.
  public mutating func restore(
    _ state: [TensorName: Tensor], of parameters: [Parameter], on engine: any Engine
  ) throws(TrainingError) {
    var moments: [Parameter: Moments] = [:]
    var rest = state
    for parameter in parameters {
      var parts: [Part: Tensor] = [:]
      for part in Part.allCases { parts[part] = rest.removeValue(forKey: part.name(of: parameter)) }
      guard !parts.isEmpty else { continue }
      func tensor(_ part: Part) throws(TrainingError) -> Tensor {
        let name = part.name(of: parameter).text
        guard let tensor = parts[part] else { throw .missingState(name: name) }
        guard tensor.shape == part.shape(of: parameter) else {
          throw .misshapenState(
            name: name, found: "\(tensor.shape)", expected: "\(part.shape(of: parameter))")
        }
        return tensor
      }
      let count = engine.floats(try tensor(.steps))[0]
      guard let steps = Int(exactly: count), steps >= 0 else {
        throw .invalidState(name: Part.steps.name(of: parameter).text, value: count)
      }
      moments[parameter] = Moments(
        steps: steps, first: try tensor(.first), second: try tensor(.second))
    }
    guard rest.isEmpty else { throw .unexpectedState(names: rest.keys.sorted().map(\.text)) }
    self.moments = moments
  }
}
