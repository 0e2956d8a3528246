import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// MoRA: `ΔW x = f(M g(x))` with a square matrix M of as many numbers as LoRA's factors, and fixed maps g and f around it.
///
/// M is `[k, k]` with `k = ⌊√((m + n) r) + ½⌋`. Jiang et al., "MoRA: High-Rank Updating for Parameter-Efficient
/// Fine-Tuning", arXiv 2405.12130. There is no scale, and PEFT has no such type.
public struct MoRA: Method {
  /// The fixed maps.
  public var folding: MoRAFolding
  /// The probability of dropping an element of the update's input while training.
  public var dropout: Double

  /// MoRA with its fixed maps.
  public init(folding: MoRAFolding = .rotating, dropout: Double = 0) {
    (self.folding, self.dropout) = (folding, dropout)
  }

  public var name: String { "MORA" }
  public var title: String { Self.entry.card.title }
  public var dialect: PEFTDialect {
    PEFTDialect(alphaKey: nil, missing: ["use_rslora", "alpha_pattern"])
  }
  public var configuration: JSONObject {
    ["mora_type": .integer(folding.rawValue), "mora_dropout": .exact(dropout)]
  }

  public func configured(by config: JSONFile) throws -> any Method {
    let type = try config.integer("mora_type", default: MoRAFolding.rotating.rawValue)
    guard let folding = MoRAFolding(rawValue: type) else {
      throw AdapterError.unsupported(file: config.source, key: "mora_type", value: "\(type)")
    }
    return MoRA(folding: folding, dropout: try config.double("mora_dropout", default: 0))
  }

  public func updates(for sites: [AdaptedSite], _ factory: inout ParameterFactory) throws
    -> [any Update]
  {
    try sites.map { site in
      let (outputs, inputs) = (site.map.outputs, site.map.inputs)
      let size = Self.size(outputs, inputs, site.rank, folding)
      guard (outputs + inputs) * site.rank <= outputs * inputs else {
        throw AdapterError.invalid(
          key: "rank", value: "\(site.rank) for \(site.path)",
          expected:
            "at most \(outputs * inputs / (outputs + inputs)), with which the matrix of the "
            + "method mora is as large as the weight")
      }
      return MoRAUpdate(
        path: site.path, dropout: Float(dropout), folding: folding, inputs: inputs,
        outputs: outputs,
        matrix: factory.parameter(
          "mora_M", [size, size], role: .core, of: site.path,
          startingAt: [Float](repeating: 0, count: size * size)))
    }
  }

  /// k, even where pairs of numbers are rotated.
  static func size(_ outputs: Int, _ inputs: Int, _ rank: Int, _ folding: MoRAFolding) -> Int {
    let size = Int((Double((outputs + inputs) * rank)).squareRoot() + 0.5)
    return folding == .rotating ? size / 2 * 2 : size
  }

  static let entry = MethodRegistry<any Method>.Entry(
    MethodCard(
      name: "mora", title: "MoRA",
      citation: "Jiang et al., \"MoRA: High-Rank Updating for Parameter-Efficient Fine-Tuning\", "
        + "arXiv 2405.12130",
      equation: "ΔW x = f(M g(x)), M [k, k], k = ⌊√((m + n) r) + ½⌋",
      mechanism: "A square matrix has the highest rank that a number of parameters allows.",
      useWhen:
        "Choose it to store new facts, as in continued pre-training, where LoRA's rank limits "
        + "it.",
      options: [
        .boolean(
          "rotating", default: true,
          "Whether pieces of the input are told apart by rotations, the authors' type 6; otherwise "
            + "they are added up, their type 1 for large ranks."),
        .number(
          "dropout", default: 0, in: 0..<1,
          "The probability of dropping an element of the update's input while training."),
      ],
      parameters: .init("L k²") { m, n, r, layers in
        let size = size(m, n, r, .rotating)
        return layers * size * size
      },
      laws: Set(Law.allCases).subtracting([.gaugeIsFree]))
  ) {
    MoRA(folding: $0.boolean("rotating") ? .rotating : .sharing, dropout: $0.number("dropout"))
  }
}
