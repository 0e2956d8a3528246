import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// Tied-LoRA: `ΔW_ℓ = s·diag(v_ℓ) B diag(u_ℓ) A` with A and B shared by the maps of one kind in all layers.
///
/// A `[rank, inputs]` starts as LoRA's, B `[outputs, rank]` at zero, u `[rank]` and v `[outputs]` at one, so that training
/// begins as that of one LoRA for all layers. All four are trained. Renduchintala, Konuk and Kuchaiev, "Tied-LoRA: Enhancing
/// parameter efficiency of LoRA with Weight Tying", NAACL 2024, arXiv 2311.09578.
public struct TiedLoRA: Method {
  /// The probability of dropping an element of the update's input while training.
  public var dropout: Double

  /// Tied-LoRA with a dropout.
  public init(dropout: Double = 0) { self.dropout = dropout }

  public var name: String { "TIED" }
  public var title: String { Self.entry.card.title }
  public var dialect: PEFTDialect { .ownFactors }
  public var isSavedAsLoRA: Bool { true }
  public var configuration: JSONObject { ["lora_dropout": .exact(dropout)] }

  public func configured(by config: JSONFile) throws -> any Method {
    TiedLoRA(dropout: try config.double("lora_dropout", default: 0))
  }

  public func updates(for sites: [AdaptedSite], _ factory: inout ParameterFactory) throws
    -> [any Update]
  {
    var shared = SharedFactors(of: sites, method: "tied")
    return sites.map { site in
      let (outputs, inputs, rank) = (site.map.outputs, site.map.inputs, site.rank)
      func ones(_ name: String, _ count: Int) -> Parameter {
        factory.parameter(
          name, [count], role: .diagonal, of: site.path,
          startingAt: [Float](repeating: 1, count: count))
      }
      return TiedUpdate(
        path: site.path, scale: site.scale, dropout: Float(dropout),
        down: shared.factor("tied_A", [rank, inputs], role: .down, of: site, &factory) {
          $0.uniforms(rank * inputs, within: 1 / Float(inputs).squareRoot())
        },
        up: shared.factor("tied_B", [outputs, rank], role: .up, of: site, &factory) { _ in
          [Float](repeating: 0, count: outputs * rank)
        }, inner: ones("tied_u", rank), outer: ones("tied_v", outputs))
    }
  }

  static let entry = MethodRegistry<any Method>.Entry(
    MethodCard(
      name: "tied", title: "Tied-LoRA",
      citation: "Renduchintala, Konuk and Kuchaiev, \"Tied-LoRA: Enhancing parameter efficiency of "
        + "LoRA with Weight Tying\", NAACL 2024, arXiv 2311.09578",
      equation:
        "ΔW_ℓ = s·diag(v_ℓ) B diag(u_ℓ) A, A and B shared by the layers ℓ of one kind of map",
      mechanism: "One pair of factors serves all layers, and each layer scales its directions.",
      useWhen:
        "Choose it for small files where layers need similar changes; it stays a LoRA of its "
        + "rank.",
      options: [.updateDropout],
      parameters: .init("r (m + n) + L (m + r)") { m, n, r, layers in
        r * (m + n) + layers * (m + r)
      },
      laws: Set(Law.allCases).subtracting([.gaugeIsFree]))
  ) { TiedLoRA(dropout: $0.number("dropout")) }
}

private struct TiedUpdate: TermUpdate {
  let path: String
  let scale, dropout: Float
  /// A and B, which the maps of a kind share.
  let down, up: Parameter
  /// u and v.
  let inner, outer: Parameter
  var parameters: [Parameter] { [down, up, inner, outer] }

  func factors(_ pass: Pass) -> (down: Tensor, up: Tensor) {
    let scaled = pass.compute.scaledColumns(pass.value(up), by: pass.value(inner))
    return (pass.value(down), pass.compute.scaledRows(scaled, by: pass.value(outer)))
  }
}
