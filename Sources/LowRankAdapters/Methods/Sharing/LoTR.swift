import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// LoTR: `ΔW_ℓ = s·B G_ℓ A` with B and A shared by the maps of one kind in all layers, and G_ℓ `[rank, rank]` a layer's own.
///
/// It is a Tucker-2 decomposition of the updates of all layers as one tensor. A `[rank, inputs]` and B `[outputs, rank]` are
/// drawn from normal distributions of variance 1/inputs and 1/rank, G starts at zero. Bershatsky et al., "LoTR: Low Tensor
/// Rank Weight Adaptation", arXiv 2402.01376.
public struct LoTR: Method {
  /// The probability of dropping an element of the update's input while training.
  public var dropout: Double

  /// LoTR with a dropout.
  public init(dropout: Double = 0) { self.dropout = dropout }

  public var name: String { "LOTR" }
  public var title: String { Self.entry.card.title }
  public var dialect: PEFTDialect { .ownFactors }
  public var isSavedAsLoRA: Bool { true }
  public var configuration: JSONObject { ["lora_dropout": .exact(dropout)] }

  public func configured(by config: JSONFile) throws -> any Method {
    LoTR(dropout: try config.double("lora_dropout", default: 0))
  }

  public func updates(for sites: [AdaptedSite], _ factory: inout ParameterFactory) throws
    -> [any Update]
  {
    var shared = SharedFactors(of: sites, method: "lotr")
    return sites.map { site in
      let (outputs, inputs, rank) = (site.map.outputs, site.map.inputs, site.rank)
      func draw(_ name: String, _ shape: Shape, _ role: Parameter.Role, variance: Double)
        -> Parameter
      {
        shared.factor(name, shape, role: role, of: site, &factory) {
          $0.normals(shape.count, deviation: variance.squareRoot())
        }
      }
      return LoTRUpdate(
        path: site.path, scale: site.scale, dropout: Float(dropout),
        down: draw("lotr_A", [rank, inputs], .down, variance: 1 / Double(inputs)),
        up: draw("lotr_B", [outputs, rank], .up, variance: 1 / Double(rank)),
        core: factory.parameter(
          "lotr_G", [rank, rank], role: .core, of: site.path,
          startingAt: [Float](repeating: 0, count: rank * rank)))
    }
  }

  static let entry = MethodRegistry<any Method>.Entry(
    MethodCard(
      name: "lotr", title: "LoTR",
      citation: "Bershatsky et al., \"LoTR: Low Tensor Rank Weight Adaptation\", arXiv 2402.01376",
      equation:
        "ΔW_ℓ = s·B G_ℓ A, B and A shared by the layers ℓ of one kind of map, G [r, r] from 0",
      mechanism: "The layers share the directions that they read and write, and mix them anew.",
      useWhen: "Choose it for deep models and small files: a layer costs r² parameters.",
      options: [.updateDropout],
      parameters: .init("r (m + n) + L r²") { m, n, r, layers in r * (m + n) + layers * r * r },
      laws: Set(Law.allCases).subtracting([.gaugeIsFree]))
  ) { LoTR(dropout: $0.number("dropout")) }
}

private struct LoTRUpdate: TermUpdate {
  let path: String
  let scale, dropout: Float
  /// A and B, which the maps of a kind share.
  let down, up: Parameter
  /// G.
  let core: Parameter
  var parameters: [Parameter] { [down, up, core] }

  func factors(_ pass: Pass) -> (down: Tensor, up: Tensor) {
    (
      pass.compute.product(pass.value(core), pass.value(down), type: .float32), pass.value(up)
    )
  }
}
