import Foundation
import LowRankTensors

/// One query under one head and the keys that it sees.
struct AttentionVisit {
  let head: Int
  let keyHead: Int
  let row: Int
  let keys: [Int]
  /// The key row that stands where the query does.
  let ownKey: Int
}

extension AttentionProblem {
  /// Every query of every segment under every head.
  var visits: [AttentionVisit] {
    segments.flatMap { segment in
      segment.queries.enumerated().flatMap { index, row in
        let position = segment.keys.count - segment.queries.count + index
        let keys = visible(from: position, count: segment.keys.count)
        return (0..<heads).map { head in
          AttentionVisit(
            head: head, keyHead: head / (heads / keyHeads), row: row,
            keys: keys.map(segment.row(ofKey:)), ownKey: segment.keys.lowerBound + position)
        }
      }
    }
  }

  /// The positions that a query at the given position sees in a segment of `count` keys.
  private func visible(from position: Int, count: Int) -> Range<Int> {
    switch mask {
    case .bidirectional: 0..<count
    case .causal: 0..<position + 1
    case .slidingWindow(let size): max(0, position + 1 - size)..<position + 1
    case .neighbourhood(let radius):
      max(0, position - radius)..<min(count, position + radius + 1)
    }
  }

  /// Where in the relative tables the terms of a score lie, of queries and of keys.
  func relativeElements(_ visit: AttentionVisit, key: Int) -> (ofQueries: Int?, ofKeys: Int?) {
    func element(_ table: Tensor?, _ map: [Int32], row: Int) -> Int? {
      table.map { table in
        let column = Int(map[visit.ownKey - key + map.count / 2])
        return row * table.shape.columns + visit.head * (table.shape.columns / heads) + column
      }
    }
    guard let relative else { return (nil, nil) }
    return (
      element(relative.contentToPosition, relative.columnsOfQueries, row: visit.row),
      element(relative.positionToContent, relative.columnsOfKeys, row: key)
    )
  }
}

/// The numbers of queries, keys and values, by row and head.
struct AttentionOperands {
  private let problem: AttentionProblem
  private let queries: [[Double]]
  private let keys: [[Double]]
  private let values: [[Double]]
  private let contentToPosition: [Double]
  private let positionToContent: [Double]
  private let mask: DropoutMask?

  init(_ problem: AttentionProblem, of engine: ReferenceEngine) {
    func rows(_ columns: AttentionProblem.Columns) -> [[Double]] {
      engine.rowNumbers(columns.tensor).map { Array($0[columns.range]) }
    }
    self.problem = problem
    queries = rows(problem.queries)
    keys = rows(problem.keys)
    values = rows(problem.values)
    contentToPosition = problem.relative?.contentToPosition.map(engine.doubles) ?? []
    positionToContent = problem.relative?.positionToContent.map(engine.doubles) ?? []
    mask = problem.dropout.map { DropoutMask(probability: $0.probability, key: $0.key) }
  }

  func query(_ row: Int, _ head: Int) -> [Double] { part(queries[row], head) }
  func key(_ row: Int, _ head: Int) -> [Double] { part(keys[row], head) }
  func value(_ row: Int, _ head: Int) -> [Double] { part(values[row], head) }

  private func part(_ row: [Double], _ head: Int) -> [Double] {
    Array(row[head * problem.headSize..<(head + 1) * problem.headSize])
  }

  /// The softmax over the visible keys, the factors of dropout, and log Σ exp of the scores.
  ///
  /// The weight of query row *i* and key row *j* under head *h* is element *j* of stream `h << 40 | i`, rows
  /// counted as the problem says.
  func weights(of visit: AttentionVisit) -> (
    probabilities: [Double], dropout: [Double], logSumExp: Double
  ) {
    let q = query(visit.row, visit.head)
    let scores = visit.keys.map { row in
      let (ofQueries, ofKeys) = problem.relativeElements(visit, key: row)
      return Double(problem.scale)
        * (dot(q, key(row, visit.keyHead)) + (ofQueries.map { contentToPosition[$0] } ?? 0)
          + (ofKeys.map { positionToContent[$0] } ?? 0))
    }
    let logSumExp = logSumExp(scores)
    let stream = UInt64(visit.head) << 40 | UInt64(visit.row + (problem.dropout?.firstQuery ?? 0))
    let firstKey = problem.dropout?.firstKey ?? 0
    return (
      scores.map { exp($0 - logSumExp) },
      visit.keys.map { mask?.factor(stream: stream, index: $0 + firstKey) ?? 1 },
      logSumExp
    )
  }
}

/// log Σ exp, without overflow.
func logSumExp(_ numbers: [Double]) -> Double {
  let largest = numbers.max() ?? -.infinity
  return largest + log(numbers.reduce(0) { $0 + exp($1 - largest) })
}

/// Σ aᵢ bᵢ.
func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
