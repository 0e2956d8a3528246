import LowRankTensors
import LowRankTesting
import Testing

/// One differentiable kernel: its inputs, and its value and gradients as the engine computes them.
struct GradientCase: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let shapes: [Shape]
  /// Where central differences would straddle a kink, the inputs are kept away from 0.
  var avoidsZero = false
  let value: @Sendable (ReferenceEngine, [Tensor]) -> Tensor
  /// The gradients of Σ value · flow, one for each input.
  let gradients: @Sendable (ReferenceEngine, [Tensor], Tensor) -> [Tensor?]
}

@Suite struct `Gradients of the reference engine are central differences` {
  @Test(
    arguments: normCases + activationCases + rowCases + attentionCases + relativeCases + headCases)
  func `of its values`(given: GradientCase) throws {
    let engine = ReferenceEngine()
    var random = Philox(key: 11)
    let points = given.shapes.map { shape in
      (0..<shape.count).map { _ in
        let x = random.normal()
        return given.avoidsZero && abs(x) < 0.01 ? 0.5 : x
      }
    }
    let inputs = zip(points, given.shapes).map { engine.tensor($0, $1) }
    let value = given.value(engine, inputs)
    let flow = engine.tensor((0..<value.count).map { _ in random.normal() }, value.shape)
    let gradients = given.gradients(engine, inputs, flow)
    #expect(gradients.count == inputs.count)
    for (index, gradient) in gradients.enumerated() {
      let gradient = try #require(gradient)
      #expect(gradient.shape == given.shapes[index])
      let expected = centralDifferences(
        of: { point in
          var moved = inputs
          moved[index] = engine.tensor(point, given.shapes[index])
          return zip(engine.doubles(given.value(engine, moved)), engine.doubles(flow))
            .reduce(0) { $0 + $1.0 * $1.1 }
        }, at: points[index])
      #expect(relativeDistance(engine.doubles(gradient), from: expected) < 1e-9)
    }
  }
}

private let normCases: [GradientCase] = Norm.allCases.flatMap { kind in
  [false, true].flatMap { hasDelta in
    [[4, 5], [1, 3], [3, 1]].map { (shape: Shape) in
      GradientCase(
        testDescription: "\(kind) of \(shape), \(hasDelta ? "with" : "without") delta",
        shapes: [shape, [shape.columns], [shape.columns]] + (hasDelta ? [shape] : []),
        value: { engine, inputs in
          let result = engine.norm(
            kind, inputs[0], adding: hasDelta ? inputs[3] : nil, weight: inputs[1], bias: inputs[2],
            epsilon: 0.1, type: .float32, saving: false)
          // The sum flows on as the residual stream does: twice, to tell its gradient from the norm's.
          return engine.sum(result.output, engine.scaled(result.sum, by: 2))
        },
        gradients: { engine, inputs, flow in
          let saved = engine.norm(
            kind, inputs[0], adding: hasDelta ? inputs[3] : nil, weight: inputs[1], bias: inputs[2],
            epsilon: 0.1, type: .float32, saving: true)
          guard let normalized = saved.normalized, let deviation = saved.inverseDeviation else {
            return []
          }
          let result = engine.normGradient(
            kind, output: flow, sum: engine.scaled(flow, by: 2), normalized: normalized,
            inverseDeviation: deviation, weight: inputs[1], hasBias: true,
            deltaType: hasDelta ? .bfloat16 : nil, needsWeight: true)
          return [result.sum, result.weight, result.bias] + (hasDelta ? [result.delta] : [])
        })
    }
  }
}

private let activationCases: [GradientCase] = Activation.allCases.flatMap { f in
  [
    GradientCase(
      testDescription: "\(f)", shapes: [[3, 7]], avoidsZero: true,
      value: { engine, inputs in engine.activation(f, inputs[0], times: nil) },
      gradients: { engine, inputs, flow in
        [engine.activationGradient(f, inputs[0], times: nil, output: flow).x]
      }),
    GradientCase(
      testDescription: "\(f), gated", shapes: [[3, 7], [3, 7]], avoidsZero: true,
      value: { engine, inputs in engine.activation(f, inputs[0], times: inputs[1]) },
      gradients: { engine, inputs, flow in
        let result = engine.activationGradient(f, inputs[0], times: inputs[1], output: flow)
        return [result.x, result.other]
      }),
  ]
}

private let rowCases: [GradientCase] = {
  let ids: [Int32] = [3, 0, 3, 5, 3]
  let angles = (0..<8).map { 0.3 * Double($0) }
  @Sendable func rotated(_ engine: ReferenceEngine, _ x: Tensor, inverse: Bool) -> Tensor {
    engine.rotary(
      x, headSize: 5, positions: engine.tensor([2, 0, 3] as [Int32], [3]),
      cosine: engine.tensor(angles.map { 1 - $0 }, [4, 2]), sine: engine.tensor(angles, [4, 2]),
      inverse: inverse)
  }
  return [
    GradientCase(
      testDescription: "rows of a table, one of them thrice", shapes: [[6, 3]],
      value: { engine, inputs in
        engine.rows(of: inputs[0], at: engine.tensor(ids, [5]), type: .float32)
      },
      gradients: { engine, _, flow in
        [engine.scattered(flow, at: engine.tensor(ids, [5]), count: 6)]
      }),
    GradientCase(
      testDescription: "rotary, part of each head", shapes: [[3, 10]],
      value: { engine, inputs in rotated(engine, inputs[0], inverse: false) },
      gradients: { engine, _, flow in [rotated(engine, flow, inverse: true)] }),
    GradientCase(
      testDescription: "dropout", shapes: [[5, 3]],
      value: { engine, inputs in engine.dropout(inputs[0], probability: 0.4, key: 9, first: 3) },
      gradients: { engine, _, flow in [engine.dropout(flow, probability: 0.4, key: 9, first: 3)] }),
  ]
}()

private let attentionCases: [GradientCase] = {
  let packed = [Segment(queries: 0..<3, keys: 0..<3), Segment(queries: 3..<5, keys: 3..<7)]
  let masks: [AttentionProblem.Mask] = [
    .bidirectional, .causal, .slidingWindow(size: 2), .neighbourhood(radius: 1),
  ]
  @Sendable func gradients(
    _ engine: ReferenceEngine, _ problem: AttentionProblem, _ flow: Tensor
  ) -> [Tensor] {
    let (output, logSumExp) = engine.attention(problem, saving: true)
    guard let logSumExp else { return [] }
    return engine.attentionGradient(
      problem, output: output, logSumExp: logSumExp, outputGradient: flow
    ).inputs
  }
  let separate = masks.flatMap { mask in
    [nil, Float(0.3)].map { dropout in
      @Sendable func problem(_ inputs: [Tensor]) -> AttentionProblem {
        AttentionProblem(
          queries: .init(inputs[0]), keys: .init(inputs[1]), values: .init(inputs[2]), heads: 4,
          keyHeads: 2, headSize: 3, scale: 0.6, mask: mask, segments: packed,
          dropout: dropout.map { .init($0, key: 5, firstQuery: 3, firstKey: 6) })
      }
      return GradientCase(
        testDescription: "\(mask) attention, dropout \(dropout ?? 0)",
        shapes: [[5, 12], [7, 6], [7, 6]],
        value: { engine, inputs in engine.attention(problem(inputs), saving: false).output },
        gradients: { engine, inputs, flow in gradients(engine, problem(inputs), flow) })
    }
  }
  @Sendable func fused(_ inputs: [Tensor]) -> AttentionProblem {
    AttentionProblem(
      queries: .init(inputs[0], 1..<5), keys: .init(inputs[0], 5..<7),
      values: .init(inputs[0], 7..<9), heads: 2, keyHeads: 1, headSize: 2, scale: 0.6,
      mask: .causal,
      segments: [Segment(queries: 0..<4, keys: 0..<4)])
  }
  return separate + [
    GradientCase(
      testDescription: "attention over columns of one tensor", shapes: [[4, 10]],
      value: { engine, inputs in engine.attention(fused(inputs), saving: false).output },
      gradients: { engine, inputs, flow in gradients(engine, fused(inputs), flow) })
  ]
}()

/// Attention with one relative table or both, after queries, keys and values.
private let relativeCases: [GradientCase] = [(true, false), (false, true), (true, true)].map {
  (ofQueries: Bool, ofKeys: Bool) in
  @Sendable func problem(_ inputs: [Tensor]) -> AttentionProblem {
    AttentionProblem(
      queries: .init(inputs[0]), keys: .init(inputs[1]), values: .init(inputs[2]), heads: 4,
      keyHeads: 2, headSize: 3, scale: 0.6, mask: .bidirectional,
      segments: [Segment(queries: 0..<3, keys: 0..<3), Segment(queries: 3..<5, keys: 3..<7)],
      dropout: .init(0.3, key: 5),
      relative: RelativeScores(
        contentToPosition: ofQueries ? inputs[3] : nil,
        positionToContent: ofKeys ? inputs[inputs.count - 1] : nil,
        columnsOfQueries: [0, 0, 1, 2, 3, 4, 4], columnsOfKeys: [4, 0, 3, 3, 2, 1, 1]))
  }
  return GradientCase(
    testDescription: "attention, relative terms of queries \(ofQueries), of keys \(ofKeys)",
    shapes: [[5, 12], [7, 6], [7, 6]] + (ofQueries ? [[5, 20]] : []) + (ofKeys ? [[7, 20]] : []),
    value: { engine, inputs in engine.attention(problem(inputs), saving: false).output },
    gradients: { engine, inputs, flow in
      let (output, logSumExp) = engine.attention(problem(inputs), saving: true)
      guard let logSumExp else { return [] }
      let result = engine.attentionGradient(
        problem(inputs), output: output, logSumExp: logSumExp, outputGradient: flow)
      let tables = [result.contentToPosition, result.positionToContent]
      return result.inputs + tables.compactMap { $0 }
    })
}

private let headCases: [GradientCase] = [false, true].flatMap { transposed in
  @Sendable func loss(
    _ engine: ReferenceEngine, _ inputs: [Tensor], _ wanted: HeadGradients, scales: Tensor? = nil
  ) -> HeadLoss {
    engine.headLoss(
      hidden: inputs[0], weight: Matrix(inputs[1], transposed: transposed), bias: inputs[2],
      labels: engine.tensor([4, 0, 2] as [Int32], [3]), scales: scales, smoothing: 0.1,
      gradients: wanted)
  }
  let shapes: [Shape] = [[3, 4], transposed ? [4, 5] : [5, 4], [5]]
  let name = "the head's loss, weight \(transposed ? "transposed" : "as stored")"
  return [
    GradientCase(
      testDescription: name, shapes: shapes,
      value: { engine, inputs in
        // Without scales, the kernel's gradients are of the sum of the losses.
        let losses = loss(engine, inputs, []).losses
        return engine.tensor([engine.doubles(losses).reduce(0, +)], [1])
      },
      gradients: { engine, inputs, flow in
        let result = loss(engine, inputs, [.hidden, .weight])
        let factor = engine.doubles(flow)[0]
        return [result.hidden, result.weight, result.bias].map { gradient in
          gradient.map { engine.tensor(engine.doubles($0).map { factor * $0 }, $0.shape) }
        }
      }),
    GradientCase(
      testDescription: "\(name), rows scaled", shapes: shapes,
      value: { engine, inputs in loss(engine, inputs, []).losses },
      gradients: { engine, inputs, flow in
        let result = loss(engine, inputs, [.hidden, .weight], scales: flow)
        return [result.hidden, result.weight, result.bias]
      }),
  ]
}
