import LowRankTensors

/// A place in a model that an adapter can reach, under the path its checkpoint gives it.
public struct Site: Hashable, Sendable {
  /// What a linear map does in its block, whatever the architecture calls it.
  public enum Role: String, Hashable, Sendable, CaseIterable {
    /// Makes attention's queries.
    case query
    /// Makes attention's keys.
    case key
    /// Makes attention's values.
    case value
    /// Makes queries, keys and values at once.
    case fusedAttention
    /// Leads out of attention.
    case attentionOutput
    /// Opens a gated feed-forward block.
    case gate
    /// Leads into a feed-forward block.
    case up
    /// Leads out of a feed-forward block.
    case down
    /// Turns hidden states into logits.
    case head
    /// Turns the hidden state of the first token into that of the sequence.
    case pooler
    /// Makes queries or keys of relative positions.
    case positionProjection
    /// Widens embeddings to the width of the model.
    case embeddingProjection
    /// Turns tokens or positions into hidden states.
    case embedding
    /// A norm.
    case norm
    /// Parameters of no map: biases that a block adds itself, the filters of a convolution.
    case loose

    /// Whether no linear map and no table stands there.
    public var isPlain: Bool { self == .norm || self == .loose }
  }

  /// A named run of outputs of a fused map.
  public struct Slice: Hashable, Sendable {
    /// What the outputs are.
    public let role: Role
    /// The outputs.
    public let outputs: Range<Int>

    /// A slice.
    public init(role: Role, outputs: Range<Int>) {
      self.role = role
      self.outputs = outputs
    }
  }

  /// The module's path in the transformers class for the task, `model.layers.3.self_attn.q_proj`.
  public let path: String
  /// What it does.
  public let role: Role
  /// The parts of a fused map; empty for others.
  public let slices: [Slice]

  /// A site.
  public init(_ path: String, _ role: Role, slices: [Slice] = []) {
    self.path = path
    self.role = role
    self.slices = slices
  }

  /// The path in transformers before version 5, where it was another one.
  public var formerPath: String? { FormerNames.former(of: path) }
}
