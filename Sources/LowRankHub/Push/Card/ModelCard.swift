import Yams

/// What an adapter's `README.md` says: facts for the hub between dashes, and for people below.
///
/// Only what is known is said; no fact is made up where it is missing.
public struct ModelCard: Sendable {
  /// The repository that the card is for.
  public var name: HubName
  /// What the adapter stands on.
  public var base: Base
  /// PEFT's word for the task: `CAUSAL_LM`, `SEQ_CLS`.
  public var task: String?
  /// The method by its name: `LoRA`, `DoRA`.
  public var method = "LoRA"
  /// An identifier of a license.
  public var license: String?
  /// Data sets on the hub that it was trained on.
  public var datasets: [String] = []
  /// Which modules are adapted, by the names of the configuration.
  public var targets: [String] = []
  /// Each adapted module.
  public var modules: [Module] = []
  /// The trained parameters.
  public var parameters = 0
  /// What is known of the data, as rows of a table.
  public var data: [Row] = []
  /// The tokens of which single embeddings are trained.
  public var trainedTokens: [Token] = []
  /// What was measured of the adapter itself, not of later steps of its run.
  public var metrics: [Measure] = []
  /// Which step of its run the adapter is; nil if that is not known.
  public var step: Step?
  /// How it was made, as rows of a table.
  public var making: [Row] = []
  /// All settings of its run, by key, with values as YAML writes them on one line.
  public var settings: [Row] = []
  /// How it is used.
  public var use = Use(.causal)

  /// A card that knows no more than what it is about.
  public init(for name: HubName, base: Base) { (self.name, self.base) = (name, base) }

  /// The model that an adapter stands on.
  public struct Base: Hashable, Sendable {
    /// Its name on the hub, where it has one.
    public var id: String?
    /// What it is called otherwise: a folder's own name.
    public var folder: String?
    /// The fingerprint of its weights.
    public var fingerprint: String?
    /// The commit that the adapter was made with, if it is one of the hub.
    public var revision: String?
    /// The path of the GGUF file that it was made with, if it is in a repository of the hub.
    public var file: String?

    /// A base of which something is known.
    public init(
      id: String? = nil, folder: String? = nil, fingerprint: String? = nil,
      revision: String? = nil
    ) {
      (self.id, self.folder, self.fingerprint) = (id, folder, fingerprint)
      self.revision = revision
    }
  }

  /// A module with the size of its update.
  public struct Module: Hashable, Sendable {
    /// Its path in the checkpoint.
    public let path: String
    /// The rank of the update.
    public let rank: Int
    /// α, by which the update is scaled.
    public let alpha: Double

    /// A module with the size of its update.
    public init(path: String, rank: Int, alpha: Double) {
      (self.path, self.rank, self.alpha) = (path, rank, alpha)
    }
  }

  /// A fact with its name.
  public struct Row: Hashable, Sendable {
    /// What it is.
    public let name: String
    /// What it is like.
    public let value: String

    /// A fact with its name.
    public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
  }

  /// A token with a trained embedding.
  public struct Token: Hashable, Sendable {
    /// Its number.
    public let id: Int
    /// Its text; nil if no tokenizer was at hand.
    public let text: String?

    /// A token.
    public init(_ id: Int, _ text: String?) { (self.id, self.text) = (id, text) }
  }

  /// A number that was measured of the adapter.
  public struct Measure: Hashable, Sendable {
    /// What it is.
    public let name: String
    /// How much.
    public let value: Double

    /// A number that was measured.
    public init(_ name: String, _ value: Double) { (self.name, self.value) = (name, value) }
  }

  /// A step of a run.
  public struct Step: Hashable, Sendable {
    /// Its number, from 1.
    public let number: Int
    /// The last step that the run took.
    public let last: Int

    /// A step of a run of so many.
    public init(_ number: Int, of last: Int) { (self.number, self.last) = (number, last) }
  }

  /// The whole file.
  ///
  /// - Throws: `YamlError` where a fact is none that YAML can say.
  public func text() throws -> String {
    "---\n\(try frontMatter())---\n\n\(body)"
  }

  private func frontMatter() throws -> String {
    var facts: [(String, Node)] = []
    func add(_ key: String, _ value: String?) throws {
      if let value { facts.append((key, try value.represented())) }
    }
    try add("base_model", base.id)
    if base.id != nil { try add("base_model_relation", "adapter") }
    try add("library_name", "peft")
    try add("pipeline_tag", pipeline)
    try add("license", license)
    if !datasets.isEmpty { facts.append(("datasets", try datasets.represented())) }
    let tags = ["lora", "lowrank"] + (method == "LoRA" ? [] : [method.lowercased()])
    facts.append(("tags", try tags.represented()))
    let mapping = Node.Mapping(try facts.map { (try $0.0.represented(), $0.1) })
    return try serialize(node: .mapping(mapping), allowUnicode: true)
  }

  /// What the hub calls models of the task.
  private var pipeline: String? {
    switch task {
    case "CAUSAL_LM": "text-generation"
    case "SEQ_CLS": "text-classification"
    default: readsImages ? "image-classification" : nil
    }
  }
}
