import LowRankTensors
import LowRankTransformers

/// LoRA on a table of embeddings: `E[id] + s·A[:, id]ᵀ Bᵀ`.
///
/// A starts at zero and B at random, the other way round than on linear maps, as in loralib and PEFT. A is kept
/// `[tokens, rank]`, so that a batch touches rows; PEFT's file has its transpose.
public struct EmbeddingUpdate: Sendable {
  /// Aᵀ, `[tokens, rank]`.
  public let down: Parameter
  /// B, `[width, rank]`.
  public let up: Parameter
  /// s.
  public let scale: Float
}

/// A frozen table and the updates trained on top of it, by adapter name.
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
    for part in pass.adapters.parts {
      guard let update = updates[part.name] else { continue }
      let hidden = pass.compute.rows(of: pass.value(update.down), at: ids, type: .float32)
      guard let rows = part.rows else {
        let term = pass.compute.product(
          hidden, pass.value(update.up), transposingB: true, scale: update.scale, type: .float32)
        result = pass.compute.sum(result, term)
        continue
      }
      precondition(pass.compute.tape == nil, "embeddings are not trained in mixed batches")
      pass.compute.engine.addProduct(
        Matrix(hidden, rows: rows), pass.value(update.up).transposed, scale: update.scale,
        to: &result, rows: rows, columns: nil)
    }
    return result
  }
}
