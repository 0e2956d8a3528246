import LowRankCheckpoints

/// What there is to know of a method: who published it, why it works, when to choose it, its options and its laws.
///
/// Parsing, checking, YAML, JSON, help and documentation are made from the card: no option is declared twice.
public struct MethodCard: Sendable {
  /// The parameters that a method trains, of maps of one shape.
  public struct Size: Sendable {
    /// The number as a formula of the outputs m, the inputs n, the rank r and the number of maps L.
    public let formula: String
    /// The number for maps of the same shape, all of them together.
    public let count: @Sendable (_ m: Int, _ n: Int, _ r: Int, _ layers: Int) -> Int

    /// A number of parameters.
    public init(
      _ formula: String,
      _ count: @escaping @Sendable (_ m: Int, _ n: Int, _ r: Int, _ layers: Int) -> Int
    ) {
      (self.formula, self.count) = (formula, count)
    }
  }

  /// The name, as flags have it.
  public let name: String
  /// The name for people.
  public let title: String
  /// Who published it, and where.
  public let citation: String
  /// The equation.
  public let equation: String
  /// Why it works, in one sentence.
  public let mechanism: String
  /// When to choose it, in one sentence.
  public let useWhen: String
  /// The options.
  public let options: [MethodOption]
  /// The options of which one at most may be true.
  public let alternatives: [String]
  /// The trained parameters; nil where the method does not decide them.
  public let parameters: Size?
  /// PEFT's name of what is saved; nil where PEFT has none.
  public let peftType: String?
  /// The laws that it keeps.
  public let laws: Set<Law>

  /// A card.
  public init(
    name: String, title: String, citation: String, equation: String, mechanism: String,
    useWhen: String, options: [MethodOption] = [], alternatives: [String] = [],
    parameters: Size? = nil, peftType: String? = nil, laws: Set<Law> = []
  ) {
    (self.name, self.title, self.citation) = (name, title, citation)
    (self.equation, self.mechanism, self.useWhen) = (equation, mechanism, useWhen)
    (self.options, self.alternatives) = (options, alternatives)
    (self.parameters, self.peftType, self.laws) = (parameters, peftType, laws)
  }

  /// The card as `lowrank methods --json` has it.
  public var json: JSONObject {
    [
      "name": .string(name), "title": .string(title), "citation": .string(citation),
      "equation": .string(equation), "mechanism": .string(mechanism),
      "use_when": .string(useWhen), "peft_type": peftType.map { .string($0) } ?? .null,
      "parameters": parameters.map { .string($0.formula) } ?? .null,
      "options": .array(options.map { .object($0.json) }),
      "laws": .array(Law.allCases.filter(laws.contains).map { .string($0.rawValue) }),
    ]
  }
}
