import LowRankTensors

/// Where layers keep the keys and values of earlier rows.
protocol KeyValueTables: AnyObject {
  /// Writes the keys and values of a pass's rows at the given rows of a layer's tables, and returns the tables.
  func extend(layer: Int, keys: Tensor, values: Tensor, at ids: Tensor) -> (Tensor, Tensor)
}
