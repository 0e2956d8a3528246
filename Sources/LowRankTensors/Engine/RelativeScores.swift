/// Terms of attention scores by the distance between query and key: DeBERTa's disentangled attention.
///
/// With C the table of content to position, P that of position to content, and c and p the columns that
/// they have for a distance, the score of the query at position *i* and the key at position *j* is
/// `scale · (qᵢ·kⱼ + C[i, h, c(i − j)] + P[j, h, p(i − j)])` under head *h*. C is the product of queries
/// with projected relative positions, head by head, P that of keys; see
/// ``Computation/headProduct(_:_:heads:columns:tableColumns:)``.
/// (He et al., arXiv 2006.03654, equation 4)
public struct RelativeScores: Sendable {
  /// C, f32 `[query rows, heads · R]`.
  public var contentToPosition: Tensor?
  /// P, f32 `[key rows, heads · R]`; a row for each head of queries also where heads share keys.
  public var positionToContent: Tensor?
  /// c: the column of C, in `0 ..< R`, for the distances from `−(longest − 1)` to `longest − 1` in order,
  /// `longest` being at least the number of keys of every segment.
  public var columnsOfQueries: [Int32]
  /// p: the same of P.
  public var columnsOfKeys: [Int32]

  /// Terms from one table or both; the map of an absent table is not read.
  public init(
    contentToPosition: Tensor?, positionToContent: Tensor?, columnsOfQueries: [Int32],
    columnsOfKeys: [Int32]
  ) {
    self.contentToPosition = contentToPosition
    self.positionToContent = positionToContent
    self.columnsOfQueries = columnsOfQueries
    self.columnsOfKeys = columnsOfKeys
  }
}

extension AttentionProblem {
  /// The columns R that each head has in the relative tables, which must fit the problem; 0 without any.
  package var relativeColumns: Int {
    guard let relative else { return 0 }
    let longest = segments.map(\.keys.count).max() ?? 0
    var columns = 0
    func check(_ table: Tensor?, _ map: [Int32], rows: Int) {
      guard let table else { return }
      columns = table.shape.columns / heads
      precondition(
        table.type == .float32 && table.shape == [rows, heads * columns] && columns > 0,
        "the relative table \(table) is not F32[\(rows), \(heads) · R]")
      precondition(
        map.count % 2 == 1 && map.count >= 2 * longest - 1,
        "\(map.count) columns of distances, for segments of up to \(longest) keys")
      precondition(
        map.allSatisfy { $0 >= 0 && $0 < columns },
        "columns of distances \(map) outside 0 ..< \(columns)")
    }
    check(
      relative.contentToPosition, relative.columnsOfQueries, rows: queries.tensor.shape.rows)
    let ofQueries = columns
    check(relative.positionToContent, relative.columnsOfKeys, rows: keys.tensor.shape.rows)
    precondition(
      ofQueries == 0 || ofQueries == columns,
      "relative tables of \(ofQueries) and \(columns) columns for a head")
    return columns
  }
}
