import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// LoRA with a gate on each direction: `ΔW = s·B diag(g) A`, g `[rank]`.
///
/// A starts as LoRA's does, B at zero and g from N(0, 1). A direction whose gate is zero is gone: files do not hold it. Ding et
/// al., "Sparse Low-rank Adaptation of Pre-trained Language Models", EMNLP 2023, arXiv 2311.11696.
public struct GatedLoRA: Method {
  /// The probability of dropping an element of the update's input while training.
  public var dropout: Double

  /// Gates with a dropout.
  public init(dropout: Double = 0) { self.dropout = dropout }

  public var name: String { "GATED" }
  public var title: String { Self.entry.card.title }
  public var dialect: PEFTDialect { .ownFactors }
  public var isSavedAsLoRA: Bool { true }
  public var configuration: JSONObject { ["lora_dropout": .exact(dropout)] }

  public func configured(by config: JSONFile) throws -> any Method {
    GatedLoRA(dropout: try config.double("lora_dropout", default: 0))
  }

  public func updates(for sites: [AdaptedSite], _ factory: inout ParameterFactory) -> [any Update] {
    sites.map { site in
      let (outputs, inputs, rank) = (site.map.outputs, site.map.inputs, site.rank)
      var random = factory.random(for: site.path)
      let down = random.uniforms(rank * inputs, within: 1 / Float(inputs).squareRoot())
      return GatedUpdate(
        path: site.path, scale: site.scale, dropout: Float(dropout),
        down: factory.parameter(
          "gated_A", [rank, inputs], role: .down, of: site.path, startingAt: down),
        gates: factory.parameter(
          "gated_g", [rank], role: .diagonal, of: site.path,
          startingAt: random.normals(rank, deviation: 1)),
        up: factory.parameter(
          "gated_B", [outputs, rank], role: .up, of: site.path,
          startingAt: [Float](repeating: 0, count: outputs * rank)))
    }
  }

  static let entry = MethodRegistry<any Method>.Entry(
    MethodCard(
      name: "gated", title: "LoRA with gates",
      citation: "Ding et al., \"Sparse Low-rank Adaptation of Pre-trained Language Models\", "
        + "EMNLP 2023, arXiv 2311.11696",
      equation: "ΔW = s·B diag(g) A, g from N(0, 1)",
      mechanism: "A number for each direction says how much of it is used, and whether at all.",
      useWhen: "Choose it with the rank rule sora, which closes the gates of directions that are "
        + "not needed.",
      options: [.updateDropout],
      parameters: .init("L r (m + n + 1)") { m, n, r, layers in layers * r * (m + n + 1) },
      laws: Set(Law.allCases).subtracting([.gaugeIsFree]))
  ) { GatedLoRA(dropout: $0.number("dropout")) }
}

/// `s·B diag(g) A` as one low-rank term.
struct GatedUpdate: TermUpdate {
  let path: String
  let scale, dropout: Float
  /// A, `[rank, inputs]`.
  let down: Parameter
  /// g, `[rank]`.
  let gates: Parameter
  /// B, `[outputs, rank]`.
  let up: Parameter
  var parameters: [Parameter] { [down, gates, up] }

  func factors(_ pass: Pass) -> (down: Tensor, up: Tensor) {
    (pass.value(down), pass.compute.scaledColumns(pass.value(up), by: pass.value(gates)))
  }

  /// The directions whose gates are open; one that adds nothing where all are closed.
  func formTerms(_ pass: Pass) -> [LowRankTerm]? {
    let (compute, factors) = (pass.compute, factors(pass))
    let open = compute.engine.floats(pass.value(gates)).enumerated().filter { $0.1 != 0 }
    let ids = open.isEmpty ? [0] : open.map { Int32($0.0) }
    guard ids.count < gates.shape[0] else {
      return [LowRankTerm(down: factors.down, up: factors.up, scale: scale)]
    }
    let places = compute.engine.tensor(ids, [ids.count])
    let up = compute.rows(of: compute.transposed(factors.up), at: places, type: .float32)
    return [
      LowRankTerm(
        down: compute.rows(of: factors.down, at: places, type: .float32),
        up: compute.transposed(up), scale: scale)
    ]
  }
}
