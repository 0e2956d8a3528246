import LowRankTensors

extension Model {
  /// The vectors that stand for sequences: the mean of each one's hidden states, or that of its first token.
  ///
  /// - Parameter sequences: the tokens of each with their kinds.
  /// - Returns: one vector of the model's width for each sequence, in f32.
  public func embeddings(
    of sequences: [(ids: [Int32], kinds: [Int32])], pooling: Pooling = .mean,
    adapters: AdapterSelection = .none
  ) -> [[Float]] {
    let ids = sequences.flatMap(\.ids)
    let rows = PackedRows(
      lengths: sequences.map(\.ids.count), tokenTypeIDs: sequences.flatMap(\.kinds))
    let pass = pass(rows, adapters: adapters)
    let hidden = architecture.backbone.hidden(
      engine.tensor(ids, [ids.count]), at: pooling.rows(of: rows), pass)
    let pooled = engine.floats(pooling.pooled(hidden, of: rows, pass.compute))
    let width = architecture.width
    return sequences.indices.map { Array(pooled[$0 * width..<($0 + 1) * width]) }
  }
}
