import LowRankTransformers

/// Some examples laid end to end, without padding.
///
/// The last token of an example predicts nothing and has no row.
public struct Batch: Sendable {
  /// The rows of each example.
  public let rows: PackedRows
  /// The token of each row.
  public let ids: [Int32]
  /// The rows whose next token is trained, in order.
  public let labelRows: [Int32]
  /// The next token of each of those rows.
  public let labels: [Int32]
  /// Which examples they are, by their number in the set.
  public let sources: [Int]

  /// The given examples of a set, in that order.
  public init(_ examples: [Example], at sources: some Sequence<Int>) {
    var ids: [Int32] = []
    var labelRows: [Int32] = []
    var labels: [Int32] = []
    self.sources = Array(sources)
    for source in self.sources {
      let example = examples[source]
      for run in example.trained {
        labelRows.append(contentsOf: run.map { Int32(ids.count + $0 - 1) })
        labels.append(contentsOf: example.ids[run])
      }
      ids.append(contentsOf: example.ids.dropLast())
    }
    rows = PackedRows(lengths: self.sources.map { max(0, examples[$0].ids.count - 1) })
    self.ids = ids
    self.labelRows = labelRows
    self.labels = labels
  }
}
