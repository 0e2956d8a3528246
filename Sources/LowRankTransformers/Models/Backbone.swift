import LowRankTensors

/// What turns tokens, or patches of images, into hidden states: the part of a model that all its tasks share.
public protocol Backbone: Walkable, Sendable {
  /// The stem of transformers' class names, `Bert` of `BertForSequenceClassification`.
  var family: String { get }
  /// The name of transformers' class that predicts the next token; nil where the family sees both sides.
  var causalClassName: String? { get }
  /// The name of transformers' class that classifies sequences, or images.
  var classifierClassName: String { get }
  /// How it divides images; nil where it reads tokens.
  var imageInput: ImageInput? { get }
  /// The number of tokens it knows; of images, of places.
  var vocabularySize: Int { get }
  /// The longest sequence it was made for.
  var positions: Int { get }
  /// The longest sequence it can read, where positions are trained; nil where they are computed.
  var positionLimit: Int? { get }
  /// The number of kinds of token that pairs of texts are told apart by; none where it knows no kinds.
  var tokenTypeCount: Int { get }
  /// The width of the residual stream.
  var width: Int { get }
  /// Whether a head that predicts tokens has the table of the tokens for its weight.
  var tiesHead: Bool { get }
  /// The table of the tokens; of images, of the places of patches.
  var tokenTable: any EmbeddingMap { get }
  /// The hidden states after the last norm, in the pass's type: of all rows, or of the given ones in their order, where
  /// nothing else is computed behind the last attention.
  func hidden(_ ids: Tensor, at rows: [Int32]?, _ pass: Pass) -> Tensor
  /// Whether, asked for one row of each sequence, its last attention asks for no other row.
  var asksFewInLastBlock: Bool { get }
  /// The head that transformers puts on the family for the classification of sequences.
  ///
  /// - Throws: what taking weights from the builder throws.
  func classifierHead(count: Int, _ builder: inout ModelBuilder<some WeightSource>) throws
    -> any ClassifierHead
  /// Multiplies the base's own dropouts: 0 turns them off.
  mutating func setDropout(_ probability: Float)
}

extension Backbone {
  public var causalClassName: String? { nil }
  public var classifierClassName: String { family + "ForSequenceClassification" }
  public var imageInput: ImageInput? { nil }
  public var positionLimit: Int? { nil }
  public var tokenTypeCount: Int { 0 }
  public var tiesHead: Bool { false }
  public var asksFewInLastBlock: Bool { false }
}

extension Backbone {
  /// The head of decoders: one map without bias on the last row.
  func lastRowHead(
    count: Int, _ builder: inout ModelBuilder<some WeightSource>
  ) throws -> any ClassifierHead {
    DenseHead(
      pooling: .last, savedModules: ["score"],
      output: try builder.linear("score", inputs: width, outputs: count, bias: false))
  }
}

/// A model for a task: a backbone and what stands on it.
public protocol Architecture: Walkable, Sendable {
  /// The name of the transformers class, `GPT2LMHeadModel`.
  var className: String { get }
  /// What turns tokens into hidden states.
  var backbone: any Backbone { get set }
  /// Multiplies the base's own dropouts, those of its head among them: 0 turns them off.
  mutating func setDropout(_ probability: Float)
}

extension Architecture {
  /// The number of tokens it knows.
  public var vocabularySize: Int { backbone.vocabularySize }
  /// The longest sequence it was made for.
  public var positions: Int { backbone.positions }
  /// The longest sequence it can read, where positions are trained; nil where they are computed.
  public var positionLimit: Int? { backbone.positionLimit }
  /// The width of the residual stream.
  public var width: Int { backbone.width }

  /// The hidden states after the last norm, `[rows, width]`, in the pass's type.
  public func hidden(_ ids: Tensor, _ pass: Pass) -> Tensor {
    backbone.hidden(ids, at: nil, pass)
  }

  /// Multiplies the base's own dropouts: 0 turns them off.
  public mutating func setDropout(_ probability: Float) { backbone.setDropout(probability) }
}

/// A backbone alone, for hidden states and embeddings of sentences.
public struct BareModel: Architecture {
  public var backbone: any Backbone

  /// A backbone as a model of its own.
  public init(_ backbone: any Backbone) { self.backbone = backbone }

  public var className: String { backbone.family + "Model" }

  public mutating func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows {
    try backbone.walk(visit)
  }
}
