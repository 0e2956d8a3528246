import LowRankCheckpoints

/// One method of the field: what is added to the adapted maps, made for all of them at once.
///
/// A method that shares factors across layers makes them once. It names its parameters, and so the tensors of a
/// checkpoint, itself.
public protocol Method: Sendable {
  /// PEFT's `peft_type`, or the method's own name in capitals.
  var name: String { get }
  /// The name for people.
  var title: String { get }
  /// In which words PEFT's configuration of its type says what all types have.
  var dialect: PEFTDialect { get }
  /// Whether its files hold plain LoRA, which every tool reads, with the method's own factors beside it.
  ///
  /// That is for methods that PEFT has no type for and that equal LoRA of a small rank.
  var isSavedAsLoRA: Bool { get }
  /// Whether the form of an update as plain LoRA depends on the frozen weight.
  var formNeedsWeight: Bool { get }
  /// The outputs and inputs of the modules that a file adapts, by path, as far as its tensors tell.
  func extents(in tensors: [StoredShape]) -> [String: MapExtents]
  /// Whether it can adapt a slice of a fused map and leave the others alone.
  var adaptsSlices: Bool { get }
  /// The method's own keys of `adapter_config.json`, with their values.
  var configuration: JSONObject { get }
  /// The method with its own keys read from a configuration.
  ///
  /// - Throws: `JSONError`, and `AdapterError.unsupported` for a value that is not built.
  func configured(by config: JSONFile) throws -> any Method
  /// The method with its factors starting elsewhere; nil where it has a start of its own.
  func starting(at start: any Initialization) -> (any Method)?
  /// The method for an adapter whose values are read from elsewhere, so that none need be worked out.
  func awaitingValues() -> any Method
  /// Makes one update for each linear site, in order, with their parameters' starting values.
  ///
  /// - Throws: what a start throws.
  func updates(for sites: [AdaptedSite], _ factory: inout ParameterFactory) throws -> [any Update]
  /// What is added to the loss, once a step, of updates that the method made; nil where nothing is.
  func penalty(on updates: [any Update]) -> OrthogonalityPenalty?
  /// What replaces the gradients of updates that the method made, once a step; nil where nothing does.
  func landing(on updates: [any Update]) -> LandingField?
  /// What brings factors of updates that the method made back to orthonormal ones after a step; nil where nothing does.
  func retraction(on updates: [any Update]) -> StiefelRetraction?
  /// Makes the update of a table of embeddings; nil where the method has none for tables.
  ///
  /// - Throws: what a start throws.
  func update(for table: AdaptedTable, _ factory: inout ParameterFactory) throws
    -> EmbeddingUpdate?
}

extension Method {
  /// The name of its type.
  public var title: String { name }

  /// LoRA's words.
  public var dialect: PEFTDialect { .lora }

  /// The method as it is: what it starts with takes no time.
  public func awaitingValues() -> any Method { self }

  /// A type of its own.
  public var isSavedAsLoRA: Bool { false }

  /// It follows from the factors alone.
  public var formNeedsWeight: Bool { false }

  /// Unknown.
  public func extents(in tensors: [StoredShape]) -> [String: MapExtents] { [:] }

  /// A start of its own.
  public func starting(at start: any Initialization) -> (any Method)? { nil }

  /// Nothing.
  public func penalty(on updates: [any Update]) -> OrthogonalityPenalty? { nil }

  /// Nothing.
  public func landing(on updates: [any Update]) -> LandingField? { nil }

  /// Nothing.
  public func retraction(on updates: [any Update]) -> StiefelRetraction? { nil }

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
