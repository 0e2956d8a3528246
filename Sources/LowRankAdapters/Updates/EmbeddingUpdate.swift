import LowRankTensors
import LowRankTransformers

/// LoRA on a table of embeddings: `E' = E + s·A Bᵀ`, with DoRA `E' = (E + s·A Bᵀ) diag(m / ‖E + s·A Bᵀ‖)`.
///
/// Norms are over all tokens, one for each column. A is kept `[tokens, rank]`, so that a batch touches rows; PEFT's file
/// has its transpose.
public struct EmbeddingUpdate: Sendable {
  /// A, `[tokens, rank]`.
  public let down: Parameter
  /// B, `[width, rank]`.
  public let up: Parameter
  /// s.
  public let scale: Float
  /// m, `[width]`; nil without DoRA.
  public let magnitude: Parameter?

  /// An update of a table.
  public init(down: Parameter, up: Parameter, scale: Float, magnitude: Parameter? = nil) {
    self.down = down
    self.up = up
    self.scale = scale
    self.magnitude = magnitude
  }

  /// What is trained and saved.
  public var parameters: [Parameter] { [down, up] + (magnitude.map { [$0] } ?? []) }

  /// The update times a factor, which only one without magnitudes can have.
  func scaled(by factor: Float) -> EmbeddingUpdate {
    guard factor != 1 else { return self }
    precondition(magnitude == nil, "\(down.module): only sums of low-rank terms are scaled")
    return EmbeddingUpdate(down: down, up: up, scale: factor * scale)
  }

  /// The adapted rows of a table for the given numbers, from its own rows.
  func adapted(_ rows: Tensor, at ids: Tensor, of table: Tensor, _ pass: Pass) -> Tensor {
    let compute = pass.compute
    let hidden = compute.rows(of: pass.value(down), at: ids, type: .float32)
    let term = compute.product(
      hidden, pass.value(up), transposingB: true, scale: scale, type: .float32)
    return scaled(compute.sum(rows, term), table, pass)
  }

  /// The adapted table, f32 `[tokens, width]`, for merging.
  func adapted(_ table: Tensor, _ pass: Pass) -> Tensor {
    scaled(direction(table, pass), table, pass)
  }

  private func scaled(_ rows: Tensor, _ table: Tensor, _ pass: Pass) -> Tensor {
    guard let magnitude else { return rows }
    let inverse = pass.constant(magnitude.path) { pass in
      let engine = pass.compute.engine
      return engine.quotient(engine.filled(1, magnitude.shape), norms(table, pass))
    }
    return pass.compute.scaledColumns(
      rows, by: pass.compute.multiply(pass.value(magnitude), inverse))
  }

  /// The norms of the columns of `E + s·A Bᵀ`.
  func norms(_ table: Tensor, _ pass: Pass) -> Tensor {
    let engine = pass.compute.engine
    return engine.rowNorms(engine.transposed(direction(table, pass)))
  }

  private func direction(_ table: Tensor, _ pass: Pass) -> Tensor {
    let compute = pass.compute
    return compute.adding(
      pass.value(down), compute.transposed(pass.value(up)), scale: scale,
      to: compute.converted(table, to: .float32))
  }
}
