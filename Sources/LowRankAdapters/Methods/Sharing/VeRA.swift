import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// VeRA: `ΔW = diag(b) B diag(d) A` with random A and B that all maps share and nobody trains.
///
/// A is `[rank, most inputs]` and B `[most outputs, rank]`; a map uses their first columns and rows. Kopiczko, Blankevoort
/// and Asano, "VeRA: Vector-based Random Matrix Adaptation", ICLR 2024, arXiv 2310.11454.
public struct VeRA: Method {
  /// Where every number of d starts.
  public var initialScale: Double
  /// The seed of A and B, in torch's generator.
  public var key: Int
  /// Whether A and B are saved, or made again from the seed.
  public var savesProjection: Bool
  /// The probability of dropping an element of the update's input while training.
  public var dropout: Double

  /// VeRA with PEFT's defaults.
  public init(
    initialScale: Double = 0.1, key: Int = 0, savesProjection: Bool = true, dropout: Double = 0
  ) {
    (self.initialScale, self.key) = (initialScale, key)
    (self.savesProjection, self.dropout) = (savesProjection, dropout)
  }

  public var name: String { "VERA" }
  public var title: String { Self.entry.card.title }
  public var dialect: PEFTDialect {
    PEFTDialect(
      alphaKey: nil, rank: 256,
      missing: [
        "use_rslora", "rank_pattern", "alpha_pattern", "trainable_token_indices", "exclude_modules",
      ],
      adaptedBiases: "vera_only")
  }
  public var configuration: JSONObject {
    [
      "vera_dropout": .exact(dropout), "d_initial": .exact(initialScale),
      "projection_prng_key": .integer(key), "save_projection": .bool(savesProjection),
      "init_weights": true,
    ]
  }

  public func configured(by config: JSONFile) throws -> any Method {
    VeRA(
      initialScale: try config.double("d_initial", default: 0.1),
      key: try config.integer("projection_prng_key", default: 0),
      savesProjection: try config.bool("save_projection", default: true),
      dropout: try config.double("vera_dropout", default: 0))
  }

  public func updates(for sites: [AdaptedSite], _ factory: inout ParameterFactory) throws
    -> [any Update]
  {
    guard let rank = sites.first?.rank else { return [] }
    let inputs = sites.map(\.map.inputs).max() ?? 0
    let outputs = sites.map(\.map.outputs).max() ?? 0
    var random = MersenneTwister(seed: UInt64(bitPattern: Int64(key)))
    func projection(_ name: String, _ shape: Shape) -> Parameter {
      // He's uniform start, of deviation √(2 / columns).
      let bound = Float((6 / Double(shape[1])).squareRoot())
      return factory.sharedBank(
        name, shape, (0..<shape.count).map { _ in random.uniform(from: -bound, to: bound) })
    }
    let (down, up) = (
      projection("vera_A", [rank, inputs]), projection("vera_B", [outputs, rank])
    )
    return sites.enumerated().map { index, site in
      func vector(_ name: String, _ count: Int, _ value: Double) -> Parameter {
        factory.parameter(
          name, [count], role: .diagonal, of: site.path,
          startingAt: [Float](repeating: Float(value), count: count))
      }
      return VeRAUpdate(
        path: site.path, dropout: Float(dropout), inputs: site.map.inputs, down: down, up: up,
        inner: vector("vera_lambda_d", rank, initialScale),
        outer: vector("vera_lambda_b", site.map.outputs, 0),
        // What all share is saved once.
        frozen: savesProjection && index == 0 ? [down, up] : [])
    }
  }

  static let entry = MethodRegistry<any Method>.Entry(
    MethodCard(
      name: "vera", title: "VeRA",
      citation: "Kopiczko, Blankevoort and Asano, \"VeRA: Vector-based Random Matrix Adaptation\", "
        + "ICLR 2024, arXiv 2310.11454",
      equation: "ΔW = diag(b) B diag(d) A, A and B random, frozen and shared by all maps",
      mechanism: "Scaling the rows of fixed random matrices is enough to choose useful directions.",
      useWhen: "Choose it for many small adapters, with a rank of 64 to 1024 and a learning rate "
        + "ten times LoRA's.",
      options: [
        .number(
          "d_initial", default: 0.1, in: Double.leastNonzeroMagnitude..<Double.infinity,
          "Where every number of d starts; b starts at 0.", peftKey: "d_initial"),
        .integer(
          "projection_prng_key", default: 0, in: 0...Int(UInt32.max),
          "The seed of A and B, from which PEFT makes the same numbers.",
          peftKey: "projection_prng_key"),
        .boolean(
          "save_projection", default: true,
          "Whether A and B are saved; otherwise they are made again from the seed.",
          peftKey: "save_projection"),
        .number(
          "dropout", default: 0, in: 0..<1,
          "The probability of dropping an element of the update's input while training.",
          peftKey: "vera_dropout"),
      ],
      parameters: .init("L (m + r)") { m, _, r, layers in layers * (m + r) },
      peftType: "VERA", laws: Set(Law.allCases).subtracting([.gaugeIsFree]))
  ) {
    VeRA(
      initialScale: $0.number("d_initial"), key: $0.integer("projection_prng_key"),
      savesProjection: $0.boolean("save_projection"), dropout: $0.number("dropout"))
  }
}

private struct VeRAUpdate: ProductUpdate {
  let path: String
  let dropout: Float
  let inputs: Int
  /// A and B, as all maps share them.
  let down, up: Parameter
  /// d, `[rank]`.
  let inner: Parameter
  /// b, `[outputs]`.
  let outer: Parameter
  let frozen: [Parameter]
  var parameters: [Parameter] { [outer, inner] }

  /// The first columns of A and the first rows of B.
  private func corners(_ pass: Pass) -> (down: Tensor, up: Tensor) {
    (
      pass.value(down).leading(columns: inputs, pass.compute.engine),
      pass.value(up).leading(rows: outer.shape[0])
    )
  }

  /// `diag(b) B` and `diag(d) A`.
  func formTerms(_ pass: Pass) -> [LowRankTerm]? {
    let compute = pass.compute
    let (down, up) = corners(pass)
    return [
      LowRankTerm(
        down: compute.scaledRows(down, by: pass.value(inner)),
        up: compute.scaledRows(up, by: pass.value(outer)), scale: 1)
    ]
  }

  func product(_ x: Tensor, _ pass: Pass) -> Tensor {
    let compute = pass.compute
    let (down, up) = corners(pass)
    let hidden = compute.scaledColumns(
      compute.product(x, down, transposingB: true), by: pass.value(inner))
    return compute.scaledColumns(
      compute.product(hidden, up, transposingB: true), by: pass.value(outer))
  }
}
