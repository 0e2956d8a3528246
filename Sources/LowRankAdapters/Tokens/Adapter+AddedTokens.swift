import LowRankTensors
import LowRankTransformers

extension Adapter {
  /// Starts the trained rows of added tokens at the mean of the rows that the base has for its own tokens.
  ///
  /// - Parameters:
  ///   - added: the ids of the added tokens.
  ///   - known: the number of the base's rows that belong to tokens.
  public mutating func startRows(of added: [Int], atMeanOf known: Int) {
    guard !added.isEmpty else { return }
    let engine = base.engine
    var done: Set<Parameter> = []
    for use in base.architecture.uses {
      if let own = ownRows[use.path], done.insert(own.rows).inserted {
        let mean = base.meanRow(of: base.store[use.parameter], first: known)
        var numbers = engine.floats(values[own.rows])
        for (row, token) in own.numbers.enumerated() where added.contains(Int(token)) {
          numbers.replaceSubrange(row * mean.count..<(row + 1) * mean.count, with: mean)
        }
        values[own.rows] = engine.tensor(numbers, own.rows.shape, type: .float32)
      }
    }
    startReplacedRows(of: added, atMeanOf: known)
  }

  /// The same for embeddings and a head that are trained whole.
  private mutating func startReplacedRows(of added: [Int], atMeanOf known: Int) {
    guard let causal = base.architecture as? CausalModel else { return }
    let engine = base.engine
    var done: Set<Parameter> = []
    for (path, weight) in [
      (causal.backbone.tokenTable.path, causal.backbone.tokenTable.weight),
      (causal.head.path, causal.head.weight),
    ] {
      guard let own = replacements[path + ".weight"], !untrained.contains(path + ".weight"),
        done.insert(own).inserted
      else { continue }
      let mean = base.meanRow(of: base.store[weight], first: known)
      let rows = engine.tensor(
        added.flatMap { _ in mean }, [added.count, mean.count], type: .float32)
      let ids = engine.tensor(added.map { Int32($0) }, [added.count])
      values.update(own) { engine.write(rows, over: &$0, at: ids) }
    }
  }
}
