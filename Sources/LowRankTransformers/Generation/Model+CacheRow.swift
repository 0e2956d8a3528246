import LowRankTensors

extension Model {
  /// The bytes that the keys and values of a row take in all layers.
  ///
  /// They are found by a pass of one token.
  public var cacheRowBytes: Int {
    let cache = KeyValueCache(sequences: 1, capacity: 1, engine: engine)
    let rows = PackedRows(lengths: [1])
    let use = CacheUse(cache, sequences: [0], rows: rows, engine: engine)
    _ = architecture.hidden(engine.tensor([Int32(0)], [1]), pass(rows, cache: use))
    return cache.rowBytes
  }
}
