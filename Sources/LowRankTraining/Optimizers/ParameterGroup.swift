import LowRankAdapters
import LowRankTensors

/// Parameters that an optimizer sees together: the factors of one module, or any other parameter on
/// its own.
public struct ParameterGroup: Sendable {
  /// The path of the module.
  public let module: String
  /// The parameters, whose roles say what they are.
  public let parameters: [Parameter]
  /// What the product of the factors is multiplied by; 1 for other parameters.
  public let scale: Float
  /// The pairs of factors among them that enter the update only as their product.
  public let pairs: [FactorPair]

  /// A group of the given parameters.
  public init(
    _ module: String, _ parameters: [Parameter], scale: Float = 1, pairs: [FactorPair] = []
  ) {
    self.module = module
    self.parameters = parameters
    self.scale = scale
    self.pairs = pairs
  }

  /// Groups parameters: factors and magnitudes of the same module together, each other one alone, in the
  /// order in which modules first occur.
  public static func grouping(
    _ parameters: [Parameter], pairs: [FactorPair] = [], scale: (_ module: String) -> Float
  ) -> [ParameterGroup] {
    let factors: Set<Parameter.Role> = [.down, .up, .magnitude]
    let members = Dictionary(
      grouping: parameters.filter { factors.contains($0.role) }, by: \.module)
    let pairs = Dictionary(grouping: pairs, by: \.down.module)
    var seen: Set<String> = []
    return parameters.compactMap { parameter in
      guard factors.contains(parameter.role) else {
        return ParameterGroup(parameter.module, [parameter])
      }
      guard seen.insert(parameter.module).inserted else { return nil }
      return ParameterGroup(
        parameter.module, members[parameter.module] ?? [], scale: scale(parameter.module),
        pairs: pairs[parameter.module] ?? [])
    }
  }
}
