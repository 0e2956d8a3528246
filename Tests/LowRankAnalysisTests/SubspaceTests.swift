import Foundation
import LowRankAnalysis
import LowRankTensors
import LowRankTesting
import Testing

@Suite struct `Subspaces` {
  private func basis(_ rows: Int, _ columns: Int, seed: UInt64) throws -> HostMatrix<Double> {
    try QRDecomposition(noise(rows, columns, seed: seed)).q
  }

  @Test func `are as similar as the definition of φ says`() throws {
    let (a, b) = (try basis(20, 5, seed: 1), try basis(20, 7, seed: 2))
    let similarity = SubspaceSimilarity(a, b)
    for i in 1...5 {
      for j in 1...7 {
        let product = a.columns(0..<i).transposed.multiplied(by: b.columns(0..<j))
        #expect(abs(similarity.grid[i - 1, j - 1] - product.energy / Double(min(i, j))) < 1e-14)
      }
    }
  }

  @Test func `that hold each other have φ 1, orthogonal ones 0`() throws {
    let a = try basis(20, 8, seed: 3)
    #expect(abs(SubspaceSimilarity(a, a).whole - 1) < 1e-14)
    let within = SubspaceSimilarity(a.columns(0..<3), a)
    #expect(abs(within.grid[2, 7] - 1) < 1e-14)
    let apart = SubspaceSimilarity(a.columns(0..<3), a.columns(3..<8))
    #expect(apart.grid.elements.allSatisfy { $0 < 1e-28 })
  }

  @Test func `of random vectors have the similarity of the baseline`() throws {
    let similarity = SubspaceSimilarity(try basis(400, 20, seed: 4), try basis(400, 50, seed: 5))
    #expect(abs(similarity.whole / similarity.baseline(20, 50) - 1) < 0.2)
  }

  @Test(arguments: [0.3, 1.2, 1e-9])
  func `have the angle they were turned by`(angle: Double) throws {
    var a = HostMatrix<Double>(zeros: 4, 2)
    (a[0, 0], a[1, 1]) = (1, 1)
    var b = HostMatrix<Double>(zeros: 4, 2)
    (b[0, 0], b[2, 0], b[1, 1]) = (cos(angle), sin(angle), 1)
    let angles = try PrincipalAngles(a, b)
    #expect(angles.angles.count == 2 && angles.angles[0] < 1e-15)
    #expect(abs(angles.angles[1] / angle - 1) < 1e-7)
    #expect(abs(angles.geodesicDistance / angle - 1) < 1e-7)
  }

  @Test func `satisfy φ = 1 − d²∕p with the projection distance`() throws {
    let (a, b) = (try basis(12, 3, seed: 6), try basis(12, 5, seed: 7))
    let angles = try PrincipalAngles(a, b)
    let distance = angles.projectionDistance
    #expect(abs(SubspaceSimilarity(a, b).whole - (1 - distance * distance / 3)) < 1e-13)
  }
}
