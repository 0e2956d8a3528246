import LowRankTensors

/// The keys and values of sequences that share a number of pages, each of `Segment.pageRows` rows in every layer.
///
/// Who owns which page is not known here: a pass names the pages of each of its sequences.
public final class PagedKeyValues: KeyValueTables {
  /// The number of pages.
  public let pageCount: Int
  private let engine: any Engine
  private var layers: [Int: (keys: Tensor, values: Tensor)] = [:]

  /// An empty cache of a number of pages.
  public init(pageCount: Int, engine: any Engine) {
    self.pageCount = pageCount
    self.engine = engine
  }

  func extend(layer: Int, keys: Tensor, values: Tensor, at ids: Tensor) -> (Tensor, Tensor) {
    let rows = pageCount * Segment.pageRows
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
}
