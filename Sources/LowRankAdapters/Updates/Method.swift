import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// One method of the field: what is added to the adapted maps, made for all of them at once.
///
/// A method that shares factors across layers makes them once. It names its parameters, and so the tensors of a
/// checkpoint, itself.
public protocol Method: Sendable {
  /// PEFT's `peft_type`, or the method's own name in capitals.
  var name: String { get }
  /// Whether it can adapt a slice of a fused map and leave the others alone.
  var adaptsSlices: Bool { get }
  /// The method's own keys of `adapter_config.json`, with their values.
  var configuration: JSONObject { get }
  /// The method with its own keys read from a configuration.
  ///
  /// - Throws: `JSONError`, and `AdapterError.unsupported` for a value that is not built.
  func configured(by config: JSONFile) throws -> any Method
  /// Makes one update for each linear site, in order, with their parameters' starting values.
  ///
  /// - Throws: what a start throws.
  func updates(for sites: [AdaptedSite], _ factory: inout ParameterFactory) throws -> [any Update]
  /// Makes the update of a table of embeddings; nil where the method has none for tables.
  ///
  /// - Throws: what a start throws.
  func update(for table: AdaptedTable, _ factory: inout ParameterFactory) throws
    -> EmbeddingUpdate?
}

extension Method {
  /// Whole maps only.
  public var adaptsSlices: Bool { false }

  /// No keys of its own.
  public var configuration: JSONObject { [:] }

  /// The method as it is.
  public func configured(by config: JSONFile) throws -> any Method { self }

  /// None for tables.
  public func update(for table: AdaptedTable, _ factory: inout ParameterFactory) throws
    -> EmbeddingUpdate?
  { nil }
}

/// A linear map that an adapter reaches, with its share of the rank.
public struct AdaptedSite: Sendable {
  /// The place.
  public let site: Site
  /// What stands there.
  public let map: any LinearMap
  /// The rank of each pair of factors.
  public let rank: Int
  /// s.
  public let scale: Float
  /// The slices of a fused map that are adapted; nil for the whole map.
  public let slices: [Site.Slice]?

  /// The module's path.
  public var path: String { site.path }
}

/// A table of embeddings that an adapter reaches, with its share of the rank.
public struct AdaptedTable: Sendable {
  /// What stands there.
  public let table: any EmbeddingMap
  /// The rank of the pair of factors.
  public let rank: Int
  /// s.
  public let scale: Float

  /// The module's path.
  public var path: String { table.path }
}

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
    StartRequest(
      path: site.path, rank: site.rank, inputs: site.map.inputs,
      outputs: slice?.outputs.count ?? site.map.outputs, scale: site.scale,
      weight: { weight(of: site.map, outputs: slice?.outputs) },
      random: random(for: slice.map { "\(site.path).\($0.role.rawValue)" } ?? site.path))
  }

  /// The frozen numbers of a table, row-major `[tokens, width]`.
  public func weight(of table: any EmbeddingMap) -> [Float] { engine.floats(base[table.weight]) }
}
