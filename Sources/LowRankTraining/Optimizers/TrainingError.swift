import LowRankKeys
import LowRankTensors

/// Why a run cannot go on.
public enum TrainingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The loss of a step is infinite or not a number.
  case nonFiniteLoss(step: Int, NonFiniteOrigin? = nil)
  /// The gradient of a module is infinite or not a number.
  case nonFiniteGradient(step: Int, module: String, NonFiniteOrigin? = nil)
  /// The optimizer factorizes matrices of a module, and the factorization does not exist.
  case undefinedStep(module: String, why: LinearAlgebraError)
  /// The optimizer steps pairs of factors, of which there are none.
  case noPairs
  /// The loss of an evaluation is infinite or not a number.
  case nonFiniteEvaluation(step: Int)
  /// The first step changed nothing that is trained.
  case nothingMoved(step: Int)
  /// The first step was too small to change a number of what is trained.
  case tooSmallStep(step: Int, rate: Double)
  /// The optimizer's state lacks a tensor that belongs to others it has.
  case missingState(name: String)
  /// A tensor of the optimizer's state has another shape than what is trained.
  case misshapenState(name: String, found: String, expected: String)
  /// A number of the optimizer's state makes no sense.
  case invalidState(name: String, value: Float)
  /// The optimizer's state has tensors of something that is not trained.
  case unexpectedState(names: [String])

  /// One sentence that names the step or the tensor.
  public var description: String {
    switch self {
    case .nonFiniteLoss(let step, let origin):
      "step \(step): the loss is not finite\(origin.map { ", \($0)" } ?? ""); "
        + Self.advice(at: step)
    case .nonFiniteGradient(let step, let module, let origin):
      "step \(step): the gradient of \(module) is not finite\(origin.map { ", \($0)" } ?? ""); "
        + Self.advice(at: step)
    case .nonFiniteEvaluation(let step):
      "step \(step): the validation loss is not finite; " + Self.advice(at: step + 1)
    case .undefinedStep(let module, let why):
      "the step of \(module) is not defined: \(why); a lower learning rate or \(setting: "max_grad_norm") may help"
    case .noPairs:
      """
      the optimizer changes pairs of factors A and B, of which nothing that is trained has any; choose \(setting: "optimizer") \
      adamw, or a method of factors such as \(setting: "method") lora
      """
    case .nothingMoved(let step):
      """
      step \(step): no number of what is trained has changed, the gradient is zero everywhere; look at the \
      trained tokens with lowrank data check, and at \(setting: "target")
      """
    case .tooSmallStep(let step, let rate):
      """
      step \(step): the step of learning rate \(rate) is too small to change any number of what is trained, which is f32; \
      choose a larger \(setting: "learning_rate")
      """
    case .missingState(let name):
      "the state of the optimizer has no tensor \(name)"
    case .misshapenState(let name, let found, let expected):
      "the tensor \(name) of the optimizer's state has shape \(found), expected \(expected)"
    case .invalidState(let name, let value):
      "the tensor \(name) of the optimizer's state holds \(value), expected a number of steps"
    case .unexpectedState(let names):
      "the state of the optimizer has tensors of what is not trained: "
        + names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", …" : "")
    }
  }

  /// Whether a number of a step was not finite, as where a run diverges.
  public var isNotFinite: Bool {
    switch self {
    case .nonFiniteLoss, .nonFiniteGradient, .nonFiniteEvaluation: true
    default: false
    }
  }

  /// What to do: before the first step, no rate has had any effect.
  private static func advice(at step: Int) -> String {
    step > 1
      ? "a lower learning rate or \(setting: "max_grad_norm") may help"
      : """
      nothing is trained yet, so the base gives this by itself: look for a number that is not finite, or too large, in its \
      weights (with \(setting: "init_adapter"), in those of the adapter too; with regression, in the labels)
      """
  }
}

/// Where a number that is not finite comes up first.
public struct NonFiniteOrigin: Hashable, Sendable, CustomStringConvertible {
  /// The module whose input or whose output's gradient it is; nil where only the loss is not finite.
  public var module: String?
  /// The file of the rows.
  public var source: String
  /// The rows for which it happens, counted from 1 as they stand in the file.
  public var rows: [Int]

  /// The end of a sentence.
  public var description: String {
    let names = rows.prefix(8).map(String.init).joined(separator: ", ")
    return (module.map { "first at \($0), " } ?? "")
      + "for row\(rows.count == 1 ? "" : "s") \(names)\(rows.count > 8 ? ", …" : "") of \(source)"
  }
}
