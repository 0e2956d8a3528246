/// Why a run cannot go on.
public enum TrainingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The loss of a step is infinite or not a number.
  case nonFiniteLoss(step: Int)
  /// The gradient of a module is infinite or not a number.
  case nonFiniteGradient(step: Int, module: String)
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
    case .nonFiniteLoss(let step):
      "step \(step): the loss is not finite; a lower learning rate or --max-grad-norm may help"
    case .nonFiniteGradient(let step, let module):
      """
      step \(step): the gradient of \(module) is not finite; \
      a lower learning rate or --max-grad-norm may help
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
}
