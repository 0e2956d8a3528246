import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// LoKr: `ΔW = s·(C ⊗ D)` with C `[m₁, n₁]`, D `[m₂, n₂]`, m = m₁m₂ and n = n₁n₂; D, and C if asked, may be a product B A.
///
/// Yeh et al., "Navigating Text-To-Image Customization: From LyCORIS Fine-Tuning to Model Evaluation", arXiv 2309.14859.
public struct LoKr: Method {
  /// Whether C has two factors of the rank too, where that makes it smaller.
  public var decomposesBoth: Bool
  /// The extents that C should have; −1 for those next to the square roots.
  public var factor: Int

  /// LoKr with its division of the maps.
  public init(decomposesBoth: Bool = false, factor: Int = -1) {
    (self.decomposesBoth, self.factor) = (decomposesBoth, factor)
  }

  public var name: String { "LOKR" }
  public var title: String { Self.entry.card.title }
  public var dialect: PEFTDialect {
    PEFTDialect(
      alphaKey: "alpha",
      missing: ["use_rslora", "bias", "trainable_token_indices", "fan_in_fan_out"])
  }
  public var configuration: JSONObject {
    [
      "decompose_both": .bool(decomposesBoth), "decompose_factor": .integer(factor),
      "init_weights": true, "rank_dropout": 0.0, "module_dropout": 0.0,
      "rank_dropout_scale": false, "use_effective_conv2d": false,
    ]
  }

  public func configured(by config: JSONFile) throws -> any Method {
    LoKr(
      decomposesBoth: try config.bool("decompose_both", default: false),
      factor: try config.integer("decompose_factor", default: -1))
  }

  /// Those of C times those of D, each whole or a product.
  public func extents(in tensors: [StoredShape]) -> [String: MapExtents] {
    func parts(_ name: String) -> [String: MapExtents] {
      tensors.extents(up: name, down: name)
        .merging(tensors.extents(up: name + "_a", down: name + "_b")) { whole, _ in whole }
    }
    let (outer, inner) = (parts(".lokr_w1"), parts(".lokr_w2"))
    return outer.reduce(into: [:]) { result, entry in
      guard let own = inner[entry.key] else { return }
      result[entry.key] = MapExtents(
        outputs: entry.value.outputs * own.outputs, inputs: entry.value.inputs * own.inputs)
    }
  }

  /// C starts at zero: its first factor, where it has two.
  public func updates(for sites: [AdaptedSite], _ factory: inout ParameterFactory) throws
    -> [any Update]
  {
    try sites.map { site in
      try site.refuseConv1D(for: "LOKR")
      let shape = KroneckerShape(
        outputs: site.map.outputs, inputs: site.map.inputs, factor: factor)
      var random = factory.random(for: site.path)
      func matrix(_ name: String, _ shape: Shape, _ role: Parameter.Role, isZero: Bool = false)
        -> Parameter
      {
        // As in PEFT, from −1/√columns to 1/√columns.
        let bound = isZero ? 0 : 1 / Float(shape[1]).squareRoot()
        return factory.parameter(
          name, shape, role: role, of: site.path,
          startingAt: random.uniforms(shape.count, within: bound))
      }
      func part(
        _ name: String, _ extents: (outputs: Int, inputs: Int), isFactored: Bool, isZero: Bool
      ) -> KroneckerPart {
        guard isFactored else {
          return .whole(matrix(name, [extents.outputs, extents.inputs], .core, isZero: isZero))
        }
        return .product(
          FactorPair(
            down: matrix(name + "_b", [site.rank, extents.inputs], .down),
            up: matrix(name + "_a", [extents.outputs, site.rank], .up, isZero: isZero)))
      }
      return LoKrUpdate(
        path: site.path, scale: site.scale,
        outer: part(
          "lokr_w1", shape.outer, isFactored: decomposesBoth && shape.factorsOuter(at: site.rank),
          isZero: true),
        inner: part(
          "lokr_w2", shape.inner, isFactored: shape.factorsInner(at: site.rank), isZero: false))
    }
  }

  static let entry = MethodRegistry<any Method>.Entry(
    MethodCard(
      name: "lokr", title: "LoKr",
      citation: "Yeh et al., \"Navigating Text-To-Image Customization: From LyCORIS Fine-Tuning to "
        + "Model Evaluation\", ICLR 2024, arXiv 2309.14859; Edalati et al., \"KronA\", "
        + "arXiv 2212.10650",
      equation: "ΔW = s·(C ⊗ B A), C [m₁, n₁], B A [m₂, n₂], m₁m₂ = m, n₁n₂ = n",
      mechanism: "The rank of a Kronecker product is the product of the ranks, for few parameters.",
      useWhen: "Choose it for the smallest adapters of a high rank; it costs about as much time as "
        + "LoRA.",
      options: [
        .boolean(
          "decompose_both", default: false,
          "Whether C is a product of the rank too, where that makes it smaller.",
          peftKey: "decompose_both"),
        .integer(
          "decompose_factor", default: -1, in: -1...65_536,
          "The extents of C, as far as they divide those of the map; −1 for the square roots.",
          peftKey: "decompose_factor"),
      ],
      parameters: .init("L (m₁n₁ + r(m₂ + n₂)), with m₂n₂ for r(m₂ + n₂) where 2r ≥ max(m₂, n₂)") {
        m, n, r, layers in
        let shape = KroneckerShape(outputs: m, inputs: n)
        let (outer, inner) = (shape.outer, shape.inner)
        return layers
          * (outer.outputs * outer.inputs
            + (shape.factorsInner(at: r)
              ? r * (inner.outputs + inner.inputs) : inner.outputs * inner.inputs))
      },
      peftType: "LOKR", laws: Set(Law.allCases).subtracting([.gaugeIsFree]))
  ) {
    LoKr(
      decomposesBoth: $0.boolean("decompose_both"), factor: $0.integer("decompose_factor"))
  }
}
