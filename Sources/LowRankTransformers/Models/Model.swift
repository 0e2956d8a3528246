import Foundation
import LowRankCheckpoints
import LowRankProgress
import LowRankTensors
import LowRankTokenizers

/// A model: its description, the values of its parameters, and the engine they lie on.
///
/// Copying a model copies handles, not weights. Its parameters are constants for every adapter on it.
public struct Model: Sendable {
  /// The folder, or GGUF file, that it came from; nil for one made in memory.
  public let folder: ModelFolder?
  /// The folder whose tokenizer reads texts for the model; nil for the model's own folder.
  ///
  /// An adapter with added tokens brings a tokenizer of its own.
  public var tokenizerFolder: URL?
  /// The configuration that describes it.
  public internal(set) var config: JSONFile
  /// The description.
  public var architecture: any Architecture
  /// The values of parameters.
  public var store: ParameterStore
  /// The device.
  public let engine: any Engine
  /// The type of weights and matrix inputs.
  public let type: ElementType
  /// The modules of the head that the folder does not have, whose weights are random, by name.
  public let freshModules: [String]
  /// What was noticed while loading or changing it and users should be told.
  public internal(set) var notes: [String]

  /// Opens a model folder or a GGUF file.
  ///
  /// - Parameters:
  ///   - head: what stands on the backbone; by default what the configuration names. A head that classifies starts random
  ///     where the folder has none of its shape.
  ///   - seed: what a random head follows from.
  ///   - renewsHead: whether to reinitialize the output layer of a classifier that the folder has, because it is for
  ///     other classes.
  /// - Throws: `ModelFolderError`, `JSONError`, `SafetensorsError`, `GGUFError` and `ModelError`, each naming the file and the key.
  public init(
    from path: String, as head: ModelHead? = nil, precision: Precision = .automatic,
    engine: (any Engine)? = nil, seed: UInt64 = 0, renewsHead: Bool = false
  ) throws {
    try self.init(
      from: URL(filePath: path), as: head, precision: precision, engine: engine ?? CPUEngine(),
      seed: seed, renewsHead: renewsHead)
  }

  /// Opens a model folder or a GGUF file on an engine.
  ///
  /// - Parameter keepsStored: whether matrices in BF16 stay so, where they lie, in a computation of another type; each is
  ///   converted where it is used. That saves memory and costs time.
  /// - Throws: the errors of ``init(from:as:precision:engine:seed:renewsHead:)``.
  public init(
    from url: URL, as head: ModelHead? = nil, precision: Precision = .automatic,
    engine: any Engine, seed: UInt64 = 0, renewsHead: Bool = false, keepsStored: Bool = false
  ) throws {
    let folder = try ModelFolder(at: url)
    let type = precision.elementType
    // The name of the hidden folder that a save fills says nothing to anybody.
    let isHidden = url.pathComponents.suffix(2).contains {
      $0.hasPrefix(".") && $0.contains(".lowrank-")
    }
    let name = isHidden ? "what was written" : url.relativePath
    let work = Work("loading \(name)", of: folder.byteCount, .bytes)
    defer { work.end() }
    let random = RandomWeights(
      engine: engine, type: type, seed: seed,
      deviation: Float(try folder.config.double("initializer_range", default: 0.02)))
    let weights = CheckpointWeights(
      folder, prefix: try Architectures.prefix(folder.config), engine: engine, type: type,
      fresh: random, renewsHead: renewsHead, keepsStored: keepsStored, work: work)
    var builder = ModelBuilder(weights)
    let resolved = try folder.config(for: head)
    architecture = try Architectures.model(resolved, as: head, &builder)
    let tiedHead = (architecture as? CausalModel).flatMap { $0.isHeadTied ? $0.head.path : nil }
    notes = try builder.source.finish(
      unusedHead: tiedHead.map { $0 + ".weight" },
      toleratingHeads: !(architecture is CausalModel))
    freshModules = builder.source.freshModules
    self.folder = folder
    config = folder.config
    if architecture is CausalModel, tiedHead == nil, try HeadTying(folder.config) != nil {
      config = resolved
      notes.append(
        "\(folder.config.source) ties the head to the embeddings, but the files hold an lm_head.weight with other "
          + "values: the head uses it and is not tied")
    }
    if case .classifier(let classification?) = head {
      config = config.replacing(classification.json)
    }
    self.store = builder.store
    self.engine = engine
    self.type = type
  }

  /// A model of a configuration with random weights, for training from nothing and for benchmarks.
  ///
  /// - Throws: what reading the configuration throws.
  public init(
    random config: JSONFile, as head: ModelHead? = nil, seed: UInt64 = 0,
    precision: Precision = .automatic, engine: any Engine
  ) throws {
    let type = precision.elementType
    let deviation = Float(try config.double("initializer_range", default: 0.02))
    var builder = ModelBuilder(
      RandomWeights(engine: engine, type: type, seed: seed, deviation: deviation))
    architecture = try Architectures.model(config, as: head, &builder)
    self.folder = nil
    self.config = config
    if case .classifier(let classification?) = head {
      self.config = config.replacing(classification.json)
    }
    self.freshModules = []
    self.store = builder.store
    self.engine = engine
    self.type = type
    self.notes = []
  }

  /// The tokenizer that reads texts for the model: that of ``tokenizerFolder``, else of the model's folder.
  ///
  /// - Throws: `TokenizerError` where there is none or it needs a component that is not built.
  public var tokenizer: Tokenizer {
    get throws {
      guard let folder = tokenizerFolder ?? folder?.url else { throw ModelError.noFolder }
      return try ModelTexts(at: folder).tokenizer
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

  /// The logits of one sequence, f32: `[tokens, vocabulary]`, or `[1, classes]` of a classifier.
  ///
  /// - Parameter patches: the patches of an image, row by row; `ids` are the places then.
  public func logits(
    _ ids: [Int32], patches: [Float]? = nil, adapters: AdapterSelection = .none
  ) -> Tensor {
    precondition(!ids.isEmpty, "a sequence has at least one token")
    if let classifier {
      return classifier.logits(
        engine.tensor(ids, [ids.count]),
        pass(PackedRows(lengths: [ids.count], patches: patches), adapters: adapters))
    }
    return causal.logits(
      engine.tensor(ids, [ids.count]), pass(PackedRows(lengths: [ids.count]), adapters: adapters))
  }

  /// The number of base parameters.
  public var parameterCount: Int { architecture.parameters.reduce(0) { $0 + $1.shape.count } }
}

extension Model {
  /// The model as one that predicts the next token, which it must be.
  public var causal: CausalModel {
    guard let causal = architecture as? CausalModel else {
      preconditionFailure("\(architecture.className) predicts no next token: open it as .causal")
    }
    return causal
  }

  /// The model as one that says what a sequence is; nil where it is none.
  public var classifier: SequenceClassifier? { architecture as? SequenceClassifier }
}

extension JSONFile {
  /// The file with other values for some of its keys.
  package func replacing(_ values: JSONObject) -> JSONFile {
    var object = self.object
    for (key, value) in values.entries { object[key] = value }
    return JSONFile(object, at: url)
  }
}
