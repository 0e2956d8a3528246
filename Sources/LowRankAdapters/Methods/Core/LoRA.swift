import LowRankProgress
import LowRankTensors
import LowRankTransformers

/// LoRA and DoRA as methods: a pair of factors for each site or each of its slices.
public struct LoRA: Method {
  /// Where factors start.
  public var start: any Initialization
  /// The probability of dropping an element of the adapter's input while training.
  ///
  /// Nothing is dropped before an adapted head: its loss is worked out from one weight, W + s·B A.
  public var dropout: Double
  /// Whether directions and magnitudes are apart (DoRA).
  public var hasMagnitude: Bool

  /// LoRA with a start, a dropout, and DoRA's magnitudes where asked.
  public init(
    start: any Initialization = KaimingStart(), dropout: Double = 0, hasMagnitude: Bool = false
  ) {
    self.start = start
    self.dropout = dropout
    self.hasMagnitude = hasMagnitude
  }

  public var name: String { "LORA" }
  public var title: String { (hasMagnitude ? Self.doraEntry : Self.entry).card.title }
  public var adaptsSlices: Bool { true }

  public func starting(at start: any Initialization) -> (any Method)? {
    LoRA(start: start, dropout: dropout, hasMagnitude: hasMagnitude)
  }

  public func updates(for sites: [AdaptedSite], _ factory: inout ParameterFactory) throws
    -> [any Update]
  {
    // A random start takes no time, nor one that was prepared.
    let work = start.needs.weight ? Work("decomposing weights", of: sites.count, .modules) : nil
    defer { work?.end() }
    return try sites.map { site -> any Update in
      defer { work?.advance() }
      let factors =
        try site.slices?.map { try pair(at: site, slice: $0, &factory) }
        ?? [pair(at: site, slice: nil, &factory)]
      let update = LowRankUpdate(
        path: site.path, factors: factors, outputs: site.map.outputs, scale: site.scale,
        dropout: Float(dropout))
      return hasMagnitude ? magnitude(on: update, at: site, &factory) : update
    }
  }

  private func pair(
    at site: AdaptedSite, slice: Site.Slice?, _ factory: inout ParameterFactory
  ) throws -> LowRankUpdate.Factors {
    let request = factory.startRequest(for: site, slice: slice)
    let values = try start.factors(for: request)
    let suffix = slice.map { "." + $0.role.rawValue } ?? ""
    func parameter(_ name: String, _ shape: Shape, _ role: Parameter.Role, _ values: [Float])
      -> Parameter
    {
      factory.parameter(name + suffix, shape, role: role, of: site.path, startingAt: values)
    }
    let downShape: Shape = [request.rank, request.inputs]
    let upShape: Shape = [request.outputs, request.rank]
    return LowRankUpdate.Factors(
      down: parameter("lora_A.weight", downShape, .down, values.down),
      up: parameter("lora_B.weight", upShape, .up, values.up), outputs: slice?.outputs,
      offset: start.isOffset
        ? (
          parameter("lora_A0.weight", downShape, .down, values.down),
          parameter("lora_B0.weight", upShape, .up, values.up)
        ) : nil)
  }

  /// m starts at the norms of the rows of V, so that a fresh adapter changes nothing.
  private func magnitude(
    on update: LowRankUpdate, at site: AdaptedSite, _ factory: inout ParameterFactory
  ) -> DoRAUpdate {
    let engine = factory.engine
    let shape: Shape = [site.map.outputs]
    let weight = engine.tensor(
      factory.weight(of: site.map), [site.map.outputs, site.map.inputs], type: .float32)
    let norms = engine.rowNorms(update.adaptedWeight(weight, factory.pass))
    return DoRAUpdate(
      lowRank: update,
      magnitude: factory.parameter(
        "lora_magnitude_vector", shape, role: .magnitude, of: site.path,
        startingAt: engine.floats(norms)))
  }
}
