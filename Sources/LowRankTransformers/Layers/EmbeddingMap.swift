import LowRankTensors

/// A table that turns integers into rows.
public protocol EmbeddingMap: Sendable {
  /// The module's path in the checkpoint.
  var path: String { get }
  /// The table.
  var weight: Parameter { get }
  /// The parameters it holds.
  var parameters: [Parameter] { get }
  /// The rows at the given numbers, f32 `[ids, width]`.
  func rows(at ids: Tensor, _ pass: Pass) -> Tensor
}

/// A table of embeddings as the checkpoint stores it.
public struct EmbeddingTable: EmbeddingMap {
  public let weight: Parameter
  public var path: String { weight.module }

  /// A table.
  public init(_ weight: Parameter) { self.weight = weight }

  public var parameters: [Parameter] { [weight] }

  public func rows(at ids: Tensor, _ pass: Pass) -> Tensor {
    let table = pass.wholeValue(weight)
    guard let own = pass.adapters.ownRows(at: weight.path) else {
      return pass.compute.rows(of: table, at: ids, type: .float32)
    }
    return pass.compute.rows(
      of: table, at: ids, type: .float32, replacing: own.numbers, by: pass.store[own.rows])
  }
}
