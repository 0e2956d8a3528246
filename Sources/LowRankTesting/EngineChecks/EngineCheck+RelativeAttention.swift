import LowRankTensors

extension EngineCheck {
  /// Which relative tables there are.
  private static let tables = [(true, false), (false, true), (true, true)]

  static func relativeAttention(_ type: ElementType) -> [EngineCheck] {
    let lengths = [1, 2, 7, 63, 64, 65, 127, 128, 129, 130, 200]
    let cached = [
      Segment(queries: 0..<70, keys: 0..<150), Segment(queries: 71..<72, keys: 150..<280),
      Segment(queries: 73..<76, keys: 281..<284), Segment(queries: 80..<80, keys: 290..<300),
    ]
    return [nil, Float(0.25)].flatMap { dropout in
      // Distances up to 40 have columns of their own, or next to none have.
      [(101, 40), (9, 2)].map { columns, near in
        check("lengths \(lengths)", type, dropout) { trial in
          relative(
            packed(lengths), rows: (lengths.reduce(0, +), lengths.reduce(0, +)), .bidirectional,
            heads: (2, 2), columns: columns, near: near, (true, true), type, dropout, &trial)
        }
      }
        + masks.map { mask in
          check("\(mask), more keys than queries", type, dropout) { trial in
            tables.flatMap { tables in
              relative(
                cached, rows: (81, 300), mask, heads: (4, 2), columns: 37, near: 12, tables, type,
                dropout, &trial)
            }
          }
        }
    }
  }

  private static func check(
    _ name: String, _ type: ElementType, _ dropout: Float?,
    _ results: @escaping @Sendable (inout EngineTrial) -> [EngineResult]
  ) -> EngineCheck {
    EngineCheck(
      "relative attention of \(type.rawValue), \(name), dropout \(dropout ?? 0)",
      tolerance: type == .bfloat16 ? 1e-2 : 5e-6, results)
  }

  private static func relative(
    _ segments: [Segment], rows: (queries: Int, keys: Int), _ mask: AttentionProblem.Mask,
    heads: (Int, Int), columns: Int, near: Int, _ tables: (ofQueries: Bool, ofKeys: Bool),
    _ type: ElementType, _ dropout: Float?, _ trial: inout EngineTrial
  ) -> [EngineResult] {
    let size = 6
    let longest = segments.map(\.keys.count).max() ?? 1
    let problem = AttentionProblem(
      queries: .init(trial.normal([rows.queries, heads.0 * size], type)),
      keys: .init(trial.normal([rows.keys, heads.1 * size], type)),
      values: .init(trial.normal([rows.keys, heads.1 * size], type)), heads: heads.0,
      keyHeads: heads.1, headSize: size, scale: 0.3, mask: mask, segments: segments,
      dropout: dropout.map { .init($0, key: 0xFEED_5EED_0002) },
      relative: RelativeScores(
        contentToPosition: tables.ofQueries
          ? trial.normal([rows.queries, heads.0 * columns]) : nil,
        positionToContent: tables.ofKeys ? trial.normal([rows.keys, heads.0 * columns]) : nil,
        // One map longer than it need be, the other not of buckets at all beyond the near ones.
        columnsOfQueries: buckets(longest + 3, of: columns, near: near),
        columnsOfKeys: buckets(longest, of: columns, near: near).map {
          abs(Int($0) - columns / 2) <= near ? $0 : $0 * 7 % Int32(columns)
        }))
    return results(problem, "tables \(tables):", &trial)
  }

  private static func packed(_ lengths: [Int]) -> [Segment] {
    var start = 0
    return lengths.map { length in
      defer { start += length }
      return Segment(queries: start..<start + length, keys: start..<start + length)
    }
  }

  /// The column of each distance below `longest`: one each up to `near`, then one for every five, clamped.
  private static func buckets(_ longest: Int, of columns: Int, near: Int) -> [Int32] {
    (1 - longest..<longest).map { distance in
      let far = min(near + (abs(distance) - near + 4) / 5, columns / 2)
      let bucket = abs(distance) <= near ? distance : far * distance.signum()
      return Int32(columns / 2 + bucket)
    }
  }
}
