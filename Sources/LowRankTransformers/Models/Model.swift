import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTokenizers

/// A language model: its description, the values of its parameters, and the engine they lie on.
///
/// Copying a model copies handles, not weights. Its parameters are constants for every adapter on it.
public struct Model: Sendable {
  /// The folder it came from; nil for one made in memory.
  public let folder: ModelFolder?
  /// The configuration that describes it.
  public internal(set) var config: JSONFile
  /// The description.
  public var architecture: any CausalArchitecture
  /// The values of parameters.
  public var store: ParameterStore
  /// The device.
  public let engine: any Engine
  /// The type of weights and matrix inputs.
  public let type: ElementType
  /// What was noticed while loading or changing it and should be said aloud.
  public internal(set) var notes: [String]

  /// Opens a model folder.
  ///
  /// - Throws: `ModelFolderError`, `JSONError`, `SafetensorsError` and `ModelError`, each naming the file and the key.
  public init(
    from path: String, precision: Precision = .automatic, engine: (any Engine)? = nil
  ) throws {
    try self.init(
      from: URL(filePath: path), precision: precision, engine: engine ?? CPUEngine())
  }

  /// Opens a model folder on an engine.
  ///
  /// - Throws: as ``init(from:precision:engine:)``.
  public init(from url: URL, precision: Precision = .automatic, engine: any Engine) throws {
    let folder = try ModelFolder(at: url)
    let type = precision.elementType
    let weights = CheckpointWeights(
      folder, prefix: try Architectures.prefix(folder.config), engine: engine, type: type)
    var builder = ModelBuilder(weights)
    architecture = try Architectures.causal(folder.config, &builder)
    let isTied = architecture.isHeadTied
    self.notes = try builder.source.finish(
      unusedHead: isTied ? architecture.head.path + ".weight" : nil)
    self.folder = folder
    self.config = folder.config
    self.store = builder.store
    self.engine = engine
    self.type = type
  }

  /// A model of a configuration with random weights, for training from nothing and for benchmarks.
  ///
  /// - Throws: what reading the configuration throws.
  public init(
    random config: JSONFile, seed: UInt64 = 0, precision: Precision = .automatic,
    engine: any Engine
  ) throws {
    let type = precision.elementType
    let deviation = Float(try config.double("initializer_range", default: 0.02))
    var builder = ModelBuilder(
      RandomWeights(engine: engine, type: type, seed: seed, deviation: deviation))
    architecture = try Architectures.causal(config, &builder)
    self.folder = nil
    self.config = config
    self.store = builder.store
    self.engine = engine
    self.type = type
    self.notes = []
  }

  /// The tokenizer of the model's folder.
  ///
  /// - Throws: `TokenizerError` where there is none or it needs a component that is not built.
  public var tokenizer: Tokenizer {
    get throws {
      guard let folder else { throw ModelError.noFolder }
      return try Tokenizer(folder: folder.url)
    }
  }

  /// A pass over packed rows with the model's values.
  public func pass(
    _ rows: PackedRows, tape: Tape? = nil, adapters: AdapterSelection = .none,
    random: RandomKey? = nil, cache: CacheUse? = nil, observers: [any LinearObserver] = []
  ) -> Pass {
    Pass(
      compute: Computation(engine: engine, type: type, tape: tape), store: store, rows: rows,
      cache: cache, adapters: adapters, random: random, observers: observers)
  }

  /// The logits of one sequence, f32 `[tokens, vocabulary]`.
  public func logits(_ ids: [Int32], adapters: AdapterSelection = .none) -> Tensor {
    precondition(!ids.isEmpty, "a sequence has at least one token")
    return architecture.logits(
      engine.tensor(ids, [ids.count]), pass(PackedRows(lengths: [ids.count]), adapters: adapters))
  }

  /// The number of base parameters.
  public var parameterCount: Int { architecture.parameters.reduce(0) { $0 + $1.shape.count } }
}

extension CausalArchitecture {
  /// Whether the head's weight is the embedding's.
  public var isHeadTied: Bool {
    var embeddings: Set<Parameter> = []
    places { _, place in
      if case .embedding(let map) = place { embeddings.insert(map.weight) }
    }
    return embeddings.contains(head.weight)
  }
}
