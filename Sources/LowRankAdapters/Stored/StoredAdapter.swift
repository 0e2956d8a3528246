import Foundation
import LowRankCheckpoints
import LowRankTensors

/// An adapter opened without a base: thin factors and their scales, whatever format they were stored in.
///
/// What looks at updates, or changes their rank, needs no more.
public struct StoredAdapter: Sendable {
  /// The folder or the file.
  public let url: URL
  /// The format it was stored in.
  public let format: AdapterFormat
  /// The adapted modules, by path.
  public let modules: [StoredModule]
  /// The other tensors, in the order of the file: biases and modules that were trained whole.
  public let others: [StoredTensor]
  /// PEFT's configuration: the one that was stored, or what another format says in its words.
  public let config: JSONObject
  /// The metadata of the file, as safetensors has them.
  let metadata: JSONObject
  /// What we noted of it.
  let facts: AdapterFacts?
  /// `Σ ‖ΔW‖_F²` of an adapter of another type whose updates were cut to a rank; nil where nothing was cut.
  public private(set) var energy: Double?
  /// `Σ ‖ΔW − s·BA‖_F²` of those updates.
  public private(set) var discardedEnergy = 0.0

  /// Opens an adapter and pairs its factors; no number of factors is read.
  ///
  /// The updates of an adapter of another type than LoRA are brought into the form of LoRA; see ``LoRAForm``.
  ///
  /// - Parameters:
  ///   - format: by default guessed from the files.
  ///   - model: the folder of the base, whose `config.json` says what a GGUF file, or one of loralib, may lack, and whose
  ///     weights some types of updates depend on.
  ///   - settings: what a file of loralib does not say.
  ///   - rank: the greatest rank that an update of another type is given; nil for all of its directions.
  /// - Throws: `AdapterError` where a factor lacks its partner or has another shape than rank and partner ask for, and what
  ///   opening the files throws.
  public init(
    at url: URL, as format: AdapterFormat? = nil, model: URL? = nil,
    settings: LoralibSettings? = nil, formsAtMost rank: Int? = nil
  ) throws {
    try finishInterruptedSave(in: url)
    switch try format ?? AdapterFormat(guessing: url) {
    case .peft: self = try Self.readingPEFT(url, model: model, atMost: rank)
    case .mlx: self = try Self.readingMLX(url)
    case .gguf: self = try Self.readingGGUF(url, model: model)
    case .loralib: self = try Self.readingLoralib(url, model: model, settings)
    }
  }

  /// Opens an adapter to look at its description alone: in B of a GGUF file rows may stand in llama.cpp's order.
  ///
  /// - Throws: as ``init(at:as:model:settings:formsAtMost:)``.
  package init(describing url: URL) throws {
    let format = try AdapterFormat(guessing: url)
    self =
      format == .gguf
      ? try Self.readingGGUF(url, model: nil, ordersRows: false) : try Self(at: url, as: format)
  }

  /// An adapter of these modules, in the order of their paths.
  ///
  /// - Throws: `AdapterError.notAnAdapter` where there are none.
  init(
    _ url: URL, _ format: AdapterFormat, _ modules: [StoredModule], others: [StoredTensor] = [],
    config: JSONObject, metadata: JSONObject, facts: AdapterFacts?
  ) throws {
    guard !modules.isEmpty else {
      throw AdapterError.notAnAdapter(
        folder: url.relativePath, reason: "its file holds no low-rank factors")
    }
    self.url = url
    self.format = format
    self.modules = modules.sorted { modulePath($0.path, precedes: $1.path) }
    self.others = others
    self.config = config
    self.metadata = metadata
    self.facts = facts
  }

  /// The adapter with what was cut of its updates.
  func noting(_ forms: [LoRAForm]) -> StoredAdapter {
    guard forms.contains(where: { $0.energy != nil }) else { return self }
    var adapter = self
    adapter.energy = forms.reduce(0) { $0 + ($1.energy ?? 0) }
    adapter.discardedEnergy = forms.reduce(0) { $0 + $1.discardedEnergy }
    return adapter
  }

  /// An adapter that is not stored anywhere yet, as if it lay at a place.
  public init(_ draft: EditableAdapter, at url: URL) throws {
    try self.init(
      url, .peft,
      draft.modules.map { StoredModule($0) }, others: draft.others, config: draft.config,
      metadata: draft.metadata,
      facts: AdapterFacts(metadata: draft.metadata, file: url.relativePath))
  }

  /// The parameters of the factors.
  public var factorParameters: Int {
    modules.reduce(0) { $0 + $1.rank * $1.parametersPerRank }
  }

  /// The largest rank.
  public var rank: Int { modules.map(\.rank).max() ?? 0 }

  /// The fingerprint of the base it was trained on, where it is known.
  public var baseFingerprint: String? { facts?.fingerprint }

  /// The identity of that base, which other storages of the model share, where it is known.
  public var baseIdentity: String? { facts?.identity }
}
