import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// A canonical polyadic decomposition of the updates of all maps of one shape: `ΔW_{ℓ,p} = s·Σ_i c_{ℓi} e_{pi} (h_i ⊗ b_i) a_iᵀ`.
///
/// The tensor has the modes inputs (a), head (h) and place in the head (b), which make up the outputs, layer (c) and kind of
/// map (e); each mode has a factor of the rank's columns. A starts as LoRA's, b at zero, and all others at one. Hounie et al.,
/// "LoRTA: Low Rank Tensor Adaptation of Large Language Models", arXiv 2410.04060; CaRA has the same form.
public struct CPLoRA: Method {
  /// The number of heads that the outputs are divided by, where it divides them; 1 for none.
  public var heads: Int
  /// The probability of dropping an element of the update's input while training.
  public var dropout: Double
  /// Whether an adapter exists already, which has the heads that it was made with.
  private var isMade = false

  /// A decomposition with a number of heads and a dropout.
  public init(heads: Int = 1, dropout: Double = 0) { (self.heads, self.dropout) = (heads, dropout) }

  public var name: String { "CP" }
  public var title: String { Self.entry.card.title }
  public var dialect: PEFTDialect { .ownFactors }
  public var isSavedAsLoRA: Bool { true }
  public var configuration: JSONObject {
    ["lora_dropout": .exact(dropout), "heads": .integer(heads)]
  }

  public func configured(by config: JSONFile) throws -> any Method {
    let heads = try config.integer("heads", default: 1)
    guard heads > 0 else {
      throw AdapterError.unsupported(file: config.source, key: "heads", value: "\(heads)")
    }
    return CPLoRA(heads: heads, dropout: try config.double("lora_dropout", default: 0))
      .awaitingValues()
  }

  public func awaitingValues() -> any Method {
    var made = self
    made.isMade = true
    return made
  }

  /// Refuses a number of heads that would divide the outputs of no map.
  private func checkHeads(_ sites: [AdaptedSite]) throws(AdapterError) {
    let outputs = Set(sites.map(\.map.outputs)).sorted()
    guard !isMade, !outputs.isEmpty, !outputs.contains(where: { $0.isMultiple(of: heads) })
    else { return }
    throw .invalid(
      key: "the number of heads of cp", value: "\(heads)",
      expected: "1, or a divisor of the outputs of an adapted module ("
        + outputs.map(String.init).joined(separator: ", ") + ")")
  }

  public func updates(for sites: [AdaptedSite], _ factory: inout ParameterFactory) throws
    -> [any Update]
  {
    try checkHeads(sites)
    var shared = SharedFactors(of: sites, method: "cp")
    let groups = Dictionary(grouping: sites, by: Self.group)
    return sites.map { site in
      let (outputs, inputs, rank) = (site.map.outputs, site.map.inputs, site.rank)
      let (name, group) = (Self.group(of: site), groups[Self.group(of: site)] ?? [])
      let layers = Set(group.map { Self.layer(of: $0.path) }).sorted()
      let kinds = Set(group.map { SharedFactors.kindName(of: $0.path) }).sorted()
      let heads = outputs.isMultiple(of: heads) ? heads : 1
      func factor(
        _ factorName: String, _ count: Int, _ role: Parameter.Role, startingAt value: Float
      ) -> Parameter {
        shared.factor(factorName, [count, rank], role: role, ofGroup: name, &factory) { _ in
          [Float](repeating: value, count: count * rank)
        }
      }
      return CPUpdate(
        path: site.path, scale: site.scale, dropout: Float(dropout),
        down: shared.factor(
          "cp_inputs", [rank, inputs], role: .down, ofGroup: name, &factory
        ) { $0.uniforms(rank * inputs, within: 1 / Float(inputs).squareRoot()) },
        up: factor("cp_outputs", outputs / heads, .up, startingAt: 0),
        heads: heads > 1 ? factor("cp_heads", heads, .core, startingAt: 1) : nil,
        layers: factor("cp_layers", layers.count, .core, startingAt: 1),
        kinds: factor("cp_kinds", kinds.count, .core, startingAt: 1),
        layer: layers.firstIndex(of: Self.layer(of: site.path)) ?? 0,
        kind: kinds.firstIndex(of: SharedFactors.kindName(of: site.path)) ?? 0)
    }
  }

  /// The name of the maps that share factors with a map.
  private static func group(of site: AdaptedSite) -> String {
    "\(site.map.outputs)x\(site.map.inputs)x\(site.rank)"
  }

  /// The number of a map's layer; −1 for a map of none.
  private static func layer(of path: String) -> Int {
    path.split(separator: ".").compactMap { Int($0) }.last ?? -1
  }

  static let entry = MethodRegistry<any Method>.Entry(
    MethodCard(
      name: "cp", title: "CP of LoRTA and CaRA",
      citation: "Hounie et al., \"LoRTA: Low Rank Tensor Adaptation of Large Language Models\", "
        + "arXiv 2410.04060; Veeramacheneni et al., \"Canonical Rank Adaptation\" (CaRA), ICML 2025",
      equation: "ΔW_{ℓ,p} = s·Σ_i c_{ℓi} e_{pi} (h_i ⊗ b_i) a_iᵀ, shared by all maps of one shape",
      mechanism:
        "Layers and kinds of maps share the directions, and have one number each for them.",
      useWhen: "Choose it for the smallest files: a further layer costs r parameters.",
      options: [
        .integer(
          "heads", default: 1, in: 1...1024,
          "The number of heads that outputs are divided by, where it divides them, which it has to "
            + "for one module at least; 1 for none."),
        .updateDropout,
      ],
      parameters: .init("r (m + n + L + 1) for the maps of one kind, with h + m/h for m of h heads")
      {
        m, n, r, layers in r * (m + n + layers + 1)
      },
      laws: Set(Law.allCases).subtracting([.gaugeIsFree]))
  ) { CPLoRA(heads: $0.integer("heads"), dropout: $0.number("dropout")) }
}

private struct CPUpdate: TermUpdate {
  let path: String
  let scale, dropout: Float
  /// a, `[rank, inputs]`, and b, `[places, rank]`.
  let down, up: Parameter
  /// h, `[heads, rank]`; nil for one head.
  let heads: Parameter?
  /// c, `[layers, rank]`, and e, `[kinds, rank]`.
  let layers, kinds: Parameter
  let layer, kind: Int
  var parameters: [Parameter] { [down, up] + (heads.map { [$0] } ?? []) + [layers, kinds] }

  func factors(_ pass: Pass) -> (down: Tensor, up: Tensor) {
    let compute = pass.compute
    func rows(_ table: Parameter, _ numbers: [Int]) -> Tensor {
      compute.rows(
        of: pass.value(table), at: compute.engine.tensor(numbers.map(Int32.init), [numbers.count]),
        type: .float32)
    }
    var outputs = pass.value(up)
    if let heads {
      let (count, size) = (heads.shape[0], up.shape[0])
      let places = 0..<count * size
      outputs = compute.multiply(
        rows(heads, places.map { $0 / size }), rows(up, places.map { $0 % size }))
    }
    let gain = compute.multiply(rows(layers, [layer]), rows(kinds, [kind]))
    return (
      pass.value(down),
      compute.scaledColumns(outputs, by: compute.reshaped(gain, to: [up.shape[1]]))
    )
  }
}
