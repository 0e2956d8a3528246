import Foundation
import LowRankTensors
import LowRankTesting
import Testing

/// A function of the losses of a head, `Σ over pairs of log(1 + e^(β (a − b)))`, a and b being sums of losses.
private struct LossFunction {
  /// The sum that each row belongs to; sums 2 i and 2 i + 1 are a pair.
  let sums: [Int] = [0, 0, 1, 2, 3, 3, 3]
  let labels: [Int32] = [3, 1, 0, 4, 4, 2, 1]
  let beta = 0.7
  let engine = ReferenceEngine()

  func losses(
    _ hidden: Tensor, _ weight: Tensor, _ bias: Tensor, _ compute: Computation
  ) -> Tensor {
    let losses = compute.headLoss(
      hidden, LinearWeight(weight), bias: bias, labels: engine.tensor(labels, [labels.count]),
      isSummed: false)
    var totals = [Double](repeating: 0, count: 4)
    for (sum, loss) in zip(sums, engine.doubles(losses)) { totals[sum] += loss }
    let differences = [totals[0] - totals[1], totals[2] - totals[3]].map { beta * $0 }
    return compute.given(
      differences.map { log1p(exp($0)) }, of: losses,
      slopes: sums.map { sum in
        let slope = beta / (1 + exp(-differences[sum / 2]))
        return sum % 2 == 0 ? slope : -slope
      }, owners: sums.map { Int32($0 / 2) })
  }
}

@Suite struct `A function of a head's losses` {
  private static func numbers(_ count: Int, _ random: inout Philox) -> [Double] {
    (0..<count).map { _ in random.normal() }
  }

  /// Each subset of hidden rows, weight and bias, since a trained weight takes another way.
  @Test(arguments: [[0], [1], [0, 1], [0, 1, 2], [2]])
  func `has the derivative that central differences have`(trained: [Int]) throws {
    let function = LossFunction()
    let engine = function.engine
    let shapes: [Shape] = [[7, 3], [5, 3], [5]]
    var random = Philox(key: 5)
    let points = shapes.map { Self.numbers($0.count, &random) }
    let flow = Self.numbers(2, &random)
    let inputs = zip(points, shapes).map { engine.tensor($0, $1) }
    let tape = Tape(on: engine)
    let parameters = trained.map { Parameter("p\($0)", shapes[$0], role: .weight, module: "m") }
    for (parameter, index) in zip(parameters, trained) {
      tape.watch(inputs[index], as: parameter)
    }
    let losses = function.losses(
      inputs[0], inputs[1], inputs[2], Computation(engine: engine, tape: tape))
    let gradients = tape.gradients(from: [(losses, engine.tensor(flow, [2]))])
    #expect(gradients.count == trained.count)
    for (parameter, index) in zip(parameters, trained) {
      let expected = centralDifferences(
        of: { point in
          var moved = inputs
          moved[index] = engine.tensor(point, shapes[index])
          let values = function.losses(
            moved[0], moved[1], moved[2], Computation(engine: engine))
          return zip(engine.doubles(values), flow).reduce(0) { $0 + $1.0 * $1.1 }
        }, at: points[index])
      let gradient = try #require(gradients[parameter])
      #expect(relativeDistance(engine.doubles(gradient), from: expected) < 1e-9)
    }
  }
}
