import LowRankAdapters
import LowRankTensors
import Testing

@Suite struct `Smooth directions of large covariances` {
  private let size = 300

  /// The covariance of rows that wave along the channels under noise.
  private func covariance() -> HostMatrix<Double> {
    var random = Philox(key: 7)
    var rows = HostMatrix<Double>(zeros: 2 * size, size)
    for row in 0..<rows.rows {
      let weights = (0..<6).map { random.normal() / Double($0 + 1) }
      for column in 0..<size {
        let place = Double(column) / Double(size)
        var sum = 0.3 * random.normal()
        for wave in 0..<6 { sum += weights[wave] * Self.wave(Double(wave + 1) * place) }
        rows[row, column] = sum
      }
    }
    return SecondMoments(of: rows).covariance
  }

  /// A smooth function of period 1.
  private static func wave(_ x: Double) -> Double {
    let part = x - x.rounded(.down)
    return 16 * part * (1 - part) * (0.5 - part)
  }

  @Test func `are those of the whole decomposition, whatever the weight`() throws {
    let (covariance, penalty) = (covariance(), BendingEnergy(size).matrix)
    let search = SmoothDirections(4, of: size)
    let largest = try SymmetricEigenDecomposition(covariance).values[0]
    for weight in [0, 1e-4, 1e-2, 1, 100].map({ $0 * largest }) {
      let found = try search.found(in: covariance, weight: weight, from: nil, isFinal: true)
      let whole = try SymmetricEigenDecomposition(
        covariance.subtracting(penalty.scaled(by: weight)))
      let seen = found.rows.multiplied(by: whole.vectors.columns(0..<4))
      let share = seen.elements.reduce(0) { $0 + $1 * $1 } / 4
      #expect(share > 1 - 1e-9, "\(share) at \(weight)")
      #expect(abs(found.largest - whole.values[0]) < 1e-9 * largest)
    }
  }

  @Test func `have a penalty that is solved as it is multiplied with`() {
    let energy = BendingEnergy(size)
    let rows = covariance().rows(0..<3)
    let (shifts, weight) = ([0.7, 2, 0.01], 3.0)
    let image = energy.applied(to: rows).scaled(by: weight)
    var sum = image
    for row in 0..<3 {
      for column in 0..<size { sum[row, column] += shifts[row] * rows[row, column] }
    }
    let back = energy.solution(sum, shifts: shifts, weight: weight)
    #expect(back.subtracting(rows).frobeniusNorm < 1e-8 * rows.frobeniusNorm)
    let product = rows.multiplied(by: energy.matrix).scaled(by: weight)
    #expect(product.subtracting(image).frobeniusNorm < 1e-10 * image.frobeniusNorm)
  }

  @Test func `find channels that were shuffled again`() throws {
    // Correlations fall with the distance along a line.
    var random = Philox(key: 3)
    let shuffled = random.shuffled(0..<size)
    var covariance = HostMatrix<Double>(zeros: size, size)
    for row in 0..<size {
      for column in 0..<size {
        let distance = Double(abs(shuffled[row] - shuffled[column])) / 20
        covariance[row, column] = 1 / (1 + distance * distance)
      }
    }
    let order = try Seriation(covariance).order.map { shuffled[$0] }
    let steps = zip(order, order.dropFirst()).map { abs($0 - $1) }
    #expect(steps.allSatisfy { $0 == 1 }, "\(order.prefix(9))")
  }
}
