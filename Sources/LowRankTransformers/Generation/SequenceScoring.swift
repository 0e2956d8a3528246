import LowRankTensors

/// What an encoder or a classifier makes of given tokens.
public struct SequenceScoring: Sendable {
  /// The tokens.
  public let ids: [Int32]
  /// The hidden states after the last norm, f32 `[tokens, width]`.
  public let hidden: Tensor
  /// What the head puts out, f32 `[1, classes]`; nil where there is none.
  public let logits: Tensor?

  /// Runs one sequence of at least one token, all of kind 0 unless said otherwise.
  public init(
    _ model: Model, _ ids: [Int32], kinds: [Int32]? = nil, adapters: AdapterSelection = .none
  ) {
    precondition(!ids.isEmpty, "a sequence has at least one token")
    self.ids = ids
    let pass = model.pass(
      PackedRows(lengths: [ids.count], tokenTypeIDs: kinds), adapters: adapters)
    let states = model.architecture.hidden(model.engine.tensor(ids, [ids.count]), pass)
    hidden = pass.compute.converted(states, to: .float32)
    logits = model.classifier?.logits(ofHidden: states, pass)
  }
}
