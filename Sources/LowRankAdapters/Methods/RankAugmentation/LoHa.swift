import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// LoHa: `ΔW = s·(B₁A₁) ∘ (B₂A₂)`, the product element by element of two low-rank matrices, of rank up to r².
///
/// B are `[outputs, rank]` and A `[rank, inputs]`. Hyeon-Woo, Ye-Bin and Oh, "FedPara", ICLR 2022, arXiv 2108.06098.
public struct LoHa: Method {
  /// LoHa.
  public init() {}

  public var name: String { "LOHA" }
  public var title: String { Self.entry.card.title }
  public var dialect: PEFTDialect {
    PEFTDialect(
      alphaKey: "alpha",
      missing: ["use_rslora", "bias", "trainable_token_indices", "fan_in_fan_out"])
  }
  public var configuration: JSONObject {
    [
      "init_weights": true, "rank_dropout": 0.0, "module_dropout": 0.0,
      "use_effective_conv2d": false,
    ]
  }

  public func extents(in tensors: [StoredShape]) -> [String: MapExtents] {
    tensors.extents(up: ".hada_w1_a", down: ".hada_w1_b")
  }

  public func updates(for sites: [AdaptedSite], _ factory: inout ParameterFactory) throws
    -> [any Update]
  {
    try sites.map { site in
      try site.refuseConv1D(for: "LOHA")
      let (outputs, inputs, rank) = (site.map.outputs, site.map.inputs, site.rank)
      var random = factory.random(for: site.path)
      // As in PEFT, each from −1/√columns to 1/√columns, but for one that is zero.
      func factor(_ name: String, _ shape: Shape, _ role: Parameter.Role, isZero: Bool = false)
        -> Parameter
      {
        let bound = isZero ? 0 : 1 / Float(shape[1]).squareRoot()
        return factory.parameter(
          name, shape, role: role, of: site.path,
          startingAt: random.uniforms(shape.count, within: bound))
      }
      return LoHaUpdate(
        path: site.path, scale: site.scale,
        first: FactorPair(
          down: factor("hada_w1_b", [rank, inputs], .down),
          up: factor("hada_w1_a", [outputs, rank], .up)),
        second: FactorPair(
          down: factor("hada_w2_b", [rank, inputs], .down, isZero: true),
          up: factor("hada_w2_a", [outputs, rank], .up)))
    }
  }

  static let entry = MethodRegistry<any Method>.Entry(
    MethodCard(
      name: "loha", title: "LoHa",
      citation: "Hyeon-Woo, Ye-Bin and Oh, \"FedPara: Low-Rank Hadamard Product for "
        + "Communication-Efficient Federated Learning\", ICLR 2022, arXiv 2108.06098; "
        + "LyCORIS, arXiv 2309.14859",
      equation: "ΔW = s·(B₁A₁) ∘ (B₂A₂)",
      mechanism: "Two products of rank r, multiplied element by element, have rank up to r².",
      useWhen: "Choose it for a high rank with few parameters: half of LoRA's rank costs as many.",
      parameters: .init("2 L r (m + n)") { m, n, r, layers in 2 * layers * r * (m + n) },
      peftType: "LOHA", laws: Set(Law.allCases))
  ) { _ in LoHa() }
}

private struct LoHaUpdate: DeltaUpdate {
  let path: String
  let dropout: Float = 0
  let scale: Float
  let first, second: FactorPair
  var parameters: [Parameter] { [first.up, first.down, second.up, second.down] }
  var pairs: [FactorPair] { [first, second] }

  /// `Σᵢⱼ (b₁ᵢ ∘ b₂ⱼ)(a₁ᵢ ∘ a₂ⱼ)ᵀ`, of rank r².
  func formTerms(_ pass: Pass) -> [LowRankTerm]? {
    let compute = pass.compute
    func crossed(_ first: Tensor, _ second: Tensor) -> Tensor {
      let (count, other) = (first.shape[0], second.shape[0])
      func rows(_ numbers: [Int]) -> Tensor {
        compute.engine.tensor(numbers.map(Int32.init), [numbers.count])
      }
      let places = 0..<count * other
      return compute.multiply(
        compute.rows(of: first, at: rows(places.map { $0 / other }), type: .float32),
        compute.rows(of: second, at: rows(places.map { $0 % other }), type: .float32))
    }
    let up = crossed(
      compute.transposed(pass.value(first.up)), compute.transposed(pass.value(second.up)))
    return [
      LowRankTerm(
        down: crossed(pass.value(first.down), pass.value(second.down)),
        up: compute.transposed(up), scale: scale)
    ]
  }

  func delta(_ weight: () -> Tensor, _ pass: Pass) -> Tensor {
    func product(_ pair: FactorPair, scale: Float) -> Tensor {
      pass.compute.product(
        pass.value(pair.up), pass.value(pair.down), scale: scale, type: .float32)
    }
    return pass.compute.multiply(product(first, scale: scale), product(second, scale: 1))
  }
}
