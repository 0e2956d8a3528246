import LowRankTensors

/// The keys and values of a set of sequences that are continued row by row.
///
/// Sequence *s* owns the rows `s · capacity ..< (s + 1) · capacity` of each layer's tables.
public final class KeyValueCache: KeyValueTables {
  /// How many rows a sequence may grow to.
  public let capacity: Int
  /// How many rows each sequence has.
  public private(set) var lengths: [Int]
  private let engine: any Engine
  private var layers: [Int: (keys: Tensor, values: Tensor)] = [:]

  /// An empty cache for `sequences` sequences of up to `capacity` rows.
  public init(sequences: Int, capacity: Int, engine: any Engine) {
    self.capacity = capacity
    self.lengths = [Int](repeating: 0, count: sequences)
    self.engine = engine
  }

  /// Writes the keys and values of a pass's rows behind those of earlier passes and returns the tables.
  func extend(layer: Int, keys: Tensor, values: Tensor, at ids: Tensor) -> (Tensor, Tensor) {
    let rows = lengths.count * capacity
    var tables =
      layers.removeValue(forKey: layer) ?? (
        engine.zeros([rows, keys.shape.columns], type: keys.type),
        engine.zeros([rows, values.shape.columns], type: values.type)
      )
    engine.write(keys, over: &tables.keys, at: ids)
    engine.write(values, over: &tables.values, at: ids)
    layers[layer] = tables
    return tables
  }

  /// The bytes of a row of all tables so far.
  var rowBytes: Int {
    layers.values.reduce(0) { sum, tables in
      sum + tables.keys.shape.columns * tables.keys.type.size
        + tables.values.shape.columns * tables.values.type.size
    }
  }

  /// Counts the rows of a finished pass.
  public func advance(_ sequences: [Int], by counts: [Int]) {
    for (sequence, count) in zip(sequences, counts) { lengths[sequence] += count }
  }
}
