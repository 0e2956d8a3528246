import LowRankTensors

extension EngineCheck {
  private struct Packing {
    let name: String
    let queries: Int
    let keys: Int
    let segments: [Segment]
    var heads = [(1, 1, 1), (4, 2, 16), (3, 1, 20), (2, 2, 64)]
  }

  private static let packings = [
    Packing(
      name: "one token", queries: 1, keys: 1, segments: [Segment(queries: 0..<1, keys: 0..<1)]),
    Packing(
      name: "packed", queries: 13, keys: 13,
      segments: [0..<5, 5..<6, 6..<13].map { Segment(queries: $0, keys: $0) }),
    Packing(
      name: "cached", queries: 6, keys: 40,
      segments: [
        Segment(queries: 0..<2, keys: 0..<9), Segment(queries: 2..<3, keys: 9..<37),
        Segment(queries: 3..<3, keys: 37..<37), Segment(queries: 3..<6, keys: 37..<40),
      ]),
    Packing(
      name: "long", queries: 203, keys: 203,
      segments: [0..<131, 131..<203].map { Segment(queries: $0, keys: $0) },
      heads: [(2, 1, 64), (1, 1, 9)]),
    Packing(name: "empty", queries: 0, keys: 0, segments: []),
  ]

  static let masks: [AttentionProblem.Mask] = [
    .bidirectional, .causal, .slidingWindow(size: 3), .slidingWindow(size: 1),
    .neighbourhood(radius: 2), .neighbourhood(radius: 70),
  ]

  static func attention(_ type: ElementType) -> [EngineCheck] {
    packings.flatMap { packing in
      masks.flatMap { mask in
        [nil, Float(0.25)].map { dropout in
          EngineCheck(
            "\(packing.name) \(mask) attention, dropout \(dropout ?? 0), of \(type.rawValue)",
            tolerance: type == .bfloat16 ? 1e-2 : 5e-6
          ) { trial in
            packing.heads.flatMap { heads, keyHeads, size in
              let problem = AttentionProblem(
                queries: .init(trial.normal([packing.queries, heads * size], type)),
                keys: .init(trial.normal([packing.keys, keyHeads * size], type)),
                values: .init(trial.normal([packing.keys, keyHeads * size], type)), heads: heads,
                keyHeads: keyHeads, headSize: size, scale: 1 / Float(size).squareRoot(), mask: mask,
                segments: packing.segments,
                dropout: dropout.map {
                  .init($0, key: 0xFEED_5EED_0001, firstQuery: 3, firstKey: 2)
                })
              return results(problem, "\(heads) over \(keyHeads) heads of \(size):", &trial)
            }
          }
        }
      }
    } + fusedAttention(type) + largeAttention(type) + pagedAttention(type)
  }

  /// Keys on pages in any order, some of them shared by segments; few queries and many, within a block and beyond.
  private static func pagedAttention(_ type: ElementType) -> [EngineCheck] {
    masks.prefix(4).map { mask in
      EngineCheck(
        "\(mask) attention of \(type.rawValue) with keys on pages",
        tolerance: type == .bfloat16 ? 1e-2 : 5e-6
      ) { trial in
        [(1, 1, 16), (4, 2, 20), (8, 1, 64)].map { heads, keyHeads, size in
          let long = (0..<19).map { Int32(($0 * 7 + 3) % 24) }
          let problem = AttentionProblem(
            queries: .init(trial.normal([81, heads * size], type)),
            keys: .init(trial.normal([24 * 16, keyHeads * size], type)),
            values: .init(trial.normal([24 * 16, keyHeads * size], type)), heads: heads,
            keyHeads: keyHeads, headSize: size, scale: 1 / Float(size).squareRoot(), mask: mask,
            segments: [
              Segment(queries: 0..<1, keyCount: 293, pages: long),
              Segment(queries: 1..<71, keyCount: 300, pages: long),
              Segment(queries: 71..<76, keyCount: 5, pages: [9]),
              Segment(queries: 76..<78, keyCount: 18, pages: [9, 2]),
              Segment(queries: 78..<81, keys: 40..<60),
            ])
          return EngineResult(
            "\(heads) over \(keyHeads) heads of \(size)",
            trial.engine.attention(problem, saving: false).output)
        }
      }
    }
  }

  /// Queries, keys and values as columns of fewer tensors than three.
  private static func fusedAttention(_ type: ElementType) -> [EngineCheck] {
    [
      EngineCheck("fused attention of \(type.rawValue)", tolerance: tolerance(type)) { trial in
        let segments = [0..<7, 7..<18].map { Segment(queries: $0, keys: $0) }
        func problem(_ q: Tensor, _ k: Tensor, _ v: Tensor, from starts: [Int])
          -> AttentionProblem
        {
          AttentionProblem(
            queries: .init(q, starts[0]..<starts[0] + 32),
            keys: .init(k, starts[1]..<starts[1] + 16),
            values: .init(v, starts[2]..<starts[2] + 16),
            heads: 4, keyHeads: 2, headSize: 8, scale: 0.3, mask: .causal, segments: segments)
        }
        let fused = trial.normal([18, 64], type)
        let margins = trial.normal([18, 75], type)
        let queries = trial.normal([18, 32], type)
        let pairs = trial.normal([18, 32], type)
        return results(problem(fused, fused, fused, from: [0, 32, 48]), "q k v:", &trial)
          + results(
            problem(margins, margins, margins, from: [41, 23, 3]), "v k q in part:", &trial)
          + results(problem(queries, pairs, pairs, from: [0, 0, 16]), "k v:", &trial)
      }
    ]
  }

  /// Scores of thousands, exact in both types.
  private static func largeAttention(_ type: ElementType) -> [EngineCheck] {
    [
      EngineCheck("attention of \(type.rawValue) with large scores", tolerance: tolerance(type)) {
        trial in
        let problem = AttentionProblem(
          queries: .init(trial.whole([9, 16], type, limit: 64)),
          keys: .init(trial.whole([9, 16], type, limit: 64)),
          values: .init(trial.normal([9, 16], type)),
          heads: 2, keyHeads: 2, headSize: 8, scale: 0.5, mask: .causal,
          segments: [Segment(queries: 0..<9, keys: 0..<9)])
        // The gradient would compare differences of numbers that cancel.
        let (output, logSumExp) = trial.engine.attention(problem, saving: true)
        return [EngineResult("output", output), EngineResult("log sum exp", logSumExp)]
      }
    ]
  }

  static func results(
    _ problem: AttentionProblem, _ name: String, _ trial: inout EngineTrial
  ) -> [EngineResult] {
    let engine = trial.engine
    let (output, logSumExp) = engine.attention(problem, saving: true)
    let plain = engine.attention(problem, saving: false)
    var results = [
      EngineResult("\(name) output", output), EngineResult("\(name) log sum exp", logSumExp),
      EngineResult("\(name) output alone", plain.output),
      EngineResult("\(name) absent log sum exp", plain.logSumExp),
    ]
    guard let logSumExp else { return results }
    let gradient = engine.attentionGradient(
      problem, output: output, logSumExp: logSumExp,
      outputGradient: trial.normal(output.shape, output.type))
    for (index, input) in gradient.inputs.enumerated() {
      // What flows to a score is a difference that nearly cancels where few keys are seen.
      results.append(
        EngineResult(
          "\(name) gradient \(index)", input, tolerance: input.type == .bfloat16 ? 4e-2 : 1e-5))
    }
    let tables = [gradient.contentToPosition, gradient.positionToContent]
    for (index, table) in tables.enumerated() {
      let tolerance = problem.queries.tensor.type == .bfloat16 ? 4e-2 : 1e-5
      results.append(
        EngineResult("\(name) gradient of table \(index)", table, tolerance: tolerance))
    }
    return results
  }

  private static func tolerance(_ type: ElementType) -> Double {
    type == .bfloat16 ? 1e-2 : 5e-6
  }
}
