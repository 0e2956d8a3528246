import Foundation
import LowRankAnalysis
import LowRankCompression
import LowRankTensors
import LowRankTesting
import Testing

@Suite struct `An update beside its weight` {
  /// diag(10, 9, …) with more columns than rows.
  private let weight: HostMatrix<Double> = {
    var weight = HostMatrix<Double>(zeros: 10, 14)
    for index in 0..<10 { weight[index, index] = Double(10 - index) }
    return weight
  }()

  /// σ·u vᵀ of unit vectors.
  private func update(_ size: Double, _ u: [Int: Double], _ v: [Int: Double]) throws
    -> UpdateDecomposition
  {
    var (up, down) = (HostMatrix<Double>(zeros: 10, 1), HostMatrix<Double>(zeros: 1, 14))
    for (row, value) in u { up[row, 0] = value }
    for (column, value) in v { down[0, column] = value }
    return try UpdateDecomposition(path: "m", up: up, down: down, scale: size)
  }

  @Test func `amplifies what the weight hardly has`() throws {
    // u reads row 8 of W, whose value is 2, through v's share of 0.6.
    let one = try Amplification(
      of: update(-5, [8: 1], [8: 0.6, 12: 0.8]), in: weight)
    #expect(one.rank == 1 && abs(one.inUpdate - 1.2) < 1e-12)
    #expect(abs(one.inWeight - 10) < 1e-12 && abs(one.updateNorm - 5) < 1e-12)
    #expect(abs(one.factor - 5 / 1.2) < 1e-10)
    #expect(one.inRandom > 0 && one.inRandom < 10)
    #expect(abs(one.weightNorm - 385.0.squareRoot()) < 1e-12)
  }

  @Test func `brings an intruder where it is new and large`() throws {
    let half = 0.5.squareRoot()
    let spread = Dictionary(uniqueKeysWithValues: (0..<10).map { ($0, 0.1.squareRoot()) })
    let intruding = try IntruderDimensions(
      of: update(200, spread, [12: half, 13: half]), in: weight)
    #expect(intruding.directions.count == 10)
    #expect(intruding.intruders.map(\.index) == [0])
    #expect(intruding.directions[0].similarity < 0.4)
    let inside = try IntruderDimensions(of: update(200, [2: 1], [2: 1]), in: weight)
    #expect(inside.intruders.isEmpty && inside.directions[0].similarity > 0.999)
  }

  @Test(arguments: [(12, 12), (9, 20), (20, 9), (7, 3)])
  func `is as near to the weight's directions as a singular value decomposition says`(
    rows: Int, columns: Int
  ) throws {
    let weight = noise(rows, columns, seed: 1)
    let update = try UpdateDecomposition(
      path: "m", up: noise(rows, 3, seed: 2), down: noise(3, columns, seed: 3))
    let found = try IntruderDimensions(of: update, in: weight, count: 5)
    let before = try SingularValueDecomposition(weight).left
    var dense = weight
    let change = noise(rows, 3, seed: 2).multiplied(by: noise(3, columns, seed: 3))
    for index in dense.elements.indices { dense.elements[index] += change.elements[index] }
    let after = try SingularValueDecomposition(dense).left
    #expect(found.directions.count == min(5, rows, columns))
    for direction in found.directions {
      let cosines = (0..<before.columns).map { column in
        (0..<rows).reduce(0) { $0 + before[$1, column] * after[$1, direction.index] }
      }
      let largest = cosines.map(abs).max() ?? 0
      #expect(abs(direction.similarity - largest) < 1e-9)
    }
  }

  @Test func `loses a share of its intruder when that is mitigated`() throws {
    let spread = Dictionary(uniqueKeysWithValues: (0..<10).map { ($0, 0.1.squareRoot()) })
    let update = try update(200, spread, [12: 1])
    let intruders = try IntruderDimensions(of: update, in: weight)
    let exact = try intruders.mitigating(update, factor: 0.75)
    #expect(exact.values.count == 2)
    let result = exact.truncated(to: 1)
    // Dense: W + ΔW with its first singular value times 0.75, less W, of rank 1.
    var dense = weight
    for row in 0..<10 { dense[row, 12] += 200 * 0.1.squareRoot() }
    let svd = try SingularValueDecomposition(dense)
    for row in 0..<10 {
      for column in 0..<14 {
        dense[row, column] -=
          0.25 * svd.values[0] * svd.left[row, 0] * svd.right[0, column] + weight[row, column]
      }
    }
    let expected = try SingularValueDecomposition(dense).values[0]
    #expect(result.values.count == 1 && abs(result.values[0] - expected) < 1e-9 * expected)
    #expect(result.values[0] < 0.76 * 200)
  }
}
