import LowRankCompression
import LowRankProgress
import LowRankTensors
import LowRankTransformers

/// The tokens that a leading output direction of an update raises, read through the head: the logit lens.
///
/// Where a module writes to the residual stream, its direction u adds to hidden states; `W_head u` says which tokens that
/// raises, and which `−u` raises. The norm before the head is left out, so it is a reading, not a prediction.
public struct RaisedTokens: Hashable, Sendable {
  /// The module.
  public let path: String
  /// The number of the direction.
  public let direction: Int
  /// σ of the direction.
  public let value: Double
  /// The tokens that u raises most, the first most of all.
  public let raised: [Int32]
  /// The tokens that −u raises most.
  public let lowered: [Int32]

  /// Reads the leading directions of the updates that write to the residual stream of a model.
  public static func reading(
    _ updates: [UpdateDecomposition], in model: Model, directions: Int = 1, tokens: Int = 8
  ) -> [RaisedTokens] {
    let head = model.causal.head
    let weight = model.engine.floats(head.dense(model.store, model.engine))
    let (vocabulary, width) = (model.architecture.vocabularySize, model.architecture.width)
    let table = HostMatrix(weight, rows: vocabulary, columns: width)
    let writers = updates.filter { writesToResidual($0, width: width) }
    let work = Work("reading directions as tokens", of: writers.count, .modules)
    defer { work.end() }
    return writers.flatMap { update in
      defer { work.advance() }
      return update.sizedValues.prefix(directions).enumerated().map { index, value in
        let direction = HostMatrix(
          (0..<width).map { Float(update.left[$0, index]) }, rows: width, columns: 1)
        let scores = table.multiplied(by: direction).elements
        let order = scores.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }
        return RaisedTokens(
          path: update.path, direction: index, value: value,
          raised: order.prefix(tokens).map(Int32.init),
          lowered: order.suffix(tokens).reversed().map(Int32.init))
      }
    }
  }

  /// Whether a module's output is added to the residual stream, which its name says.
  private static func writesToResidual(_ update: UpdateDecomposition, width: Int) -> Bool {
    let name = update.path.split(separator: ".").last ?? ""
    return ["o_proj", "down_proj", "c_proj"].contains(name) && update.left.rows == width
  }
}
