import Foundation
import LowRankCheckpoints
import LowRankKeys
import LowRankTensors
import LowRankTransformers

/// An adapter that is to be written without a base: factors with their scales, and what surrounds them.
public struct EditableAdapter: Sendable {
  /// The factors of one module, `ΔW = s·B A`.
  public struct Module: Sendable {
    /// The checkpoint path.
    public let path: String
    /// What kind of module it is.
    public let kind: StoredModule.Kind
    /// A, `[rank, inputs]`.
    public var down: FactorMatrix
    /// B, `[outputs, rank]`.
    public var up: FactorMatrix
    /// s.
    public var scale: Double
    /// DoRA's magnitudes.
    public var magnitude: StoredTensor?

    /// Factors of a module.
    public init(
      path: String, kind: StoredModule.Kind, down: FactorMatrix, up: FactorMatrix, scale: Double,
      magnitude: StoredTensor? = nil
    ) {
      precondition(down.shape[0] == up.shape[1], "ranks \(down.shape[0]) and \(up.shape[1])")
      self.path = path
      self.kind = kind
      self.down = down
      self.up = up
      self.scale = scale
      self.magnitude = magnitude
    }

    /// The factors as they are stored.
    public init(_ module: StoredModule) {
      self.init(
        path: module.path, kind: module.kind, down: module.down, up: module.up,
        scale: module.scale, magnitude: module.magnitude)
    }

    /// The rank.
    public var rank: Int { down.shape[0] }
  }

  /// The modules, each of a rank of at least 1.
  public var modules: [Module]
  /// Tensors that are written as they are.
  public var others: [StoredTensor]
  /// Tensors of modules that are written whole, under the names of the base's class.
  public var wholes: [(name: String, tensor: StoredTensor)] = []
  /// The configuration from which everything but ranks, scales and targets is taken.
  public var config: JSONObject
  /// The metadata of the file.
  public var metadata: JSONObject

  /// A draft.
  public init(
    modules: [Module], others: [StoredTensor] = [], config: JSONObject,
    metadata: JSONObject = ["format": "pt"]
  ) {
    self.modules = modules
    self.others = others
    self.config = config
    self.metadata = metadata
  }

  /// A draft of an adapter as it is stored; slices are remembered only for modules that stay as they are.
  public init(_ adapter: StoredAdapter, replacing modules: [Module]) {
    self.init(
      modules: modules, others: adapter.others, config: adapter.config,
      metadata: adapter.metadata)
    metadata["format"] = "pt"
    let kept = Set(modules.filter { $0.down.stored != nil && $0.up.stored != nil }.map(\.path))
    keepSlices(adapter.facts) { kept.contains($0) }
  }

  /// Forgets which rows of factors belong to slices of fused maps, so that each module is one.
  public mutating func forgetSlices() {
    keepSlices(try? AdapterFacts(metadata: metadata, file: "")) { _ in false }
  }

  private mutating func keepSlices(_ facts: AdapterFacts?, where isKept: (String) -> Bool) {
    guard var facts else { return }
    facts.nestedFrom = nil
    facts.slices = facts.slices.filter { isKept($0.key) }
    facts.extents = [:]
    facts.native = nil
    metadata[AdapterFacts.metadataKey] = .string(JSONValue.object(facts.json).text())
  }

  /// The parameters of the factors.
  public var factorParameters: Int {
    modules.reduce(0) { $0 + $1.down.shape.count + $1.up.shape.count }
  }

  /// The first tensor that is not a factor, in words, as `the trained head score.weight`; nil if there is none.
  ///
  /// The copy of a table of embeddings that has an update is not named: what cannot be held is the update.
  var firstWhole: String? {
    let trained = others.first { !$0.isBaseCopy }
    guard let name = trained?.name.text ?? wholes.first?.name else { return firstBaseCopy }
    let prefix = "base_model.model."
    let short = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
    let parts = short.split(separator: ".")
    let heads =
      ["score", "classifier", "pre_classifier", "head", "lm_head"] + ModelHead.teacherModules
    let kind =
      if parts.contains("trainable_tokens_delta") {
        "tokens"
      } else if parts.last == "bias" {
        "bias"
      } else {
        parts.first.map { heads.contains(String($0)) } == true ? "head" : "tensor"
      }
    return "the trained \(kind) \(short)"
  }

  private var firstBaseCopy: String? {
    let tables = modules.filter { $0.kind == .embedding }.map {
      TensorName(AdapterFolder.prefix + $0.path + ".base_layer.weight")
    }
    return others.first { $0.isBaseCopy && !tables.contains($0.name) }.map {
      "a copy of the base's weight, \($0.name); with \(setting: "model") DIR, one that equals the model's is left out"
    }
  }

  /// The largest rank.
  public var rank: Int { modules.map(\.rank).max() ?? 0 }

  /// The scale other than 0 that most modules have, the first of several; others are folded into B relative to it.
  var commonScale: Double {
    var counts: [Double: Int] = [:]
    for module in modules where module.scale != 0 { counts[module.scale, default: 0] += 1 }
    let most = counts.values.max() ?? 0
    return modules.first { counts[$0.scale] == most }?.scale ?? 1
  }

  /// Writes the files of an adapter folder that somebody else publishes, reads them back and compares.
  ///
  /// - Throws: `AdapterError` where the form cannot hold the adapter, or a factor does not read back; `FileError`.
  public func write(as form: AdapterForm, into folder: URL) throws {
    precondition(
      !modules.isEmpty && modules.allSatisfy { $0.rank > 0 }, "an adapter whose ranks are all 0")
    let files = try form.files(of: self)
    var draft = self
    // Zeros behind its rank would move the borders of slices.
    if form == .padded || form == .mlx, modules.contains(where: { $0.rank != rank }) {
      draft.forgetSlices()
    }
    let url = folder.appending(path: files.weightsName)
    try SafetensorsFile.write(files.tensors, metadata: draft.metadata, to: url)
    try JSONValue.object(files.config)
      .write(to: folder.appending(path: AdapterFolder.configName))
    let written = try SafetensorsFile(at: url)
    for tensor in files.tensors {
      guard let stored = written[tensor.name], try tensor.isStored(as: stored) else {
        throw AdapterError.savedOtherwise(file: url.relativePath, name: tensor.name.text)
      }
      _ = try StoredModule.numbers(of: stored)
    }
  }
}
