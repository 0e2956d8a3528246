import LowRankTensors
import LowRankTransformers

/// Makes the parameters of an adapter with their starting values.
public struct ParameterFactory {
  /// The values so far.
  public private(set) var store = ParameterStore()
  /// The device.
  public let engine: any Engine
  private let base: ParameterStore
  private let seed: RandomKey

  init(engine: any Engine, base: ParameterStore, seed: UInt64) {
    self.engine = engine
    self.base = base
    self.seed = RandomKey(seed: seed, step: 0)
  }

  /// A parameter of a module that starts at the given numbers, row-major.
  public mutating func parameter(
    _ name: String, _ shape: Shape, role: Parameter.Role, of module: String,
    startingAt values: [Float]
  ) -> Parameter {
    let parameter = Parameter("\(module).\(name)", shape, role: role, module: module)
    store[parameter] = engine.tensor(values, shape, type: .float32)
    return parameter
  }

  /// A pass over no rows with the values so far, for starts that follow from the update itself.
  public var pass: Pass {
    Pass(compute: Computation(engine: engine), store: store, rows: PackedRows(lengths: []))
  }

  /// The random numbers of a name: a function of the seed and the name, whatever is drawn elsewhere.
  public func random(for name: String) -> Philox { Philox(key: seed.key(for: name)) }

  /// The frozen weight of a map, row-major `[outputs, inputs]`.
  public func weight(of map: any LinearMap, outputs: Range<Int>? = nil) -> [Float] {
    engine.floats(map.dense(rows: outputs ?? 0..<map.outputs, base, engine))
  }

  /// What a start is told about a map, or about one slice of its outputs.
  public func startRequest(for site: AdaptedSite, slice: Site.Slice? = nil) -> StartRequest {
    let key = slice.map { "\(site.path).\($0.role.rawValue)" } ?? site.path
    return StartRequest(
      path: site.path, key: key, rank: site.rank, inputs: site.map.inputs,
      outputs: slice?.outputs.count ?? site.map.outputs, slice: slice?.outputs,
      scale: site.scale,
      weight: { weight(of: site.map, outputs: slice?.outputs) }, random: random(for: key))
  }

  /// The frozen numbers of a table, row-major `[tokens, width]`.
  public func weight(of table: any EmbeddingMap) -> [Float] { engine.floats(base[table.weight]) }
}
