import LowRankTensors
import LowRankTransformers

/// A frozen table of embeddings and the updates that are trained on it, by the name of their adapter.
public struct AdaptedEmbedding: EmbeddingMap {
  /// The frozen table.
  public let base: any EmbeddingMap
  /// The updates.
  public var updates: [AdapterName: EmbeddingUpdate]

  public var path: String { base.path }
  public var weight: Parameter { base.weight }
  public var parameters: [Parameter] { base.parameters }

  public func rows(at ids: Tensor, _ pass: Pass) -> Tensor {
    var result = base.rows(at: ids, pass)
    let table = pass.value(weight)
    for part in pass.adapters.parts {
      guard let update = updates[part.name]?.scaled(by: part.scale) else { continue }
      guard let rows = part.rows else {
        result = update.adapted(result, at: ids, of: table, pass)
        continue
      }
      precondition(pass.compute.tape == nil, "embeddings are not trained in mixed batches")
      let own = ids.viewed(as: [ids.count, 1]).viewed(rows: rows).viewed(as: [rows.count])
      let adapted = update.adapted(result.viewed(rows: rows), at: own, of: table, pass)
      let engine = pass.compute.engine
      engine.write(
        adapted, over: &result, at: engine.tensor(rows.map(Int32.init), [rows.count]))
    }
    return result
  }
}
