import Foundation
import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `A start from statistics of data` {
  private let engine = ReferenceEngine()

  /// What each `up_proj` of a tiny Llama, 12 × 8, was told, with A, B and W.
  private struct Found {
    let statistics: SiteStatistics
    let down: HostMatrix<Double>
    let up: HostMatrix<Double>
    let weight: HostMatrix<Double>
    let scale: Double
  }

  private func starts(
    _ start: any Initialization, rank: Int = 3,
    _ statistics: @escaping @Sendable (StartRequest) -> SiteStatistics = { .made(for: $0) }
  ) throws -> [Found] {
    let model = try TinyModels.llama(on: engine)
    let box = Told()
    let adapter = try Adapter(
      on: model, targets: .named("up_proj"),
      update: .lora(
        rank: rank, alpha: 5,
        start: PlantedStart(start) { request in
          let told = statistics(request)
          box.told[request.path] = told
          return told
        }))
    return try zip(adapter.sites, adapter.updates).map { site, update in
      let pair = try #require(update.pairs.first)
      func matrix(_ parameter: Parameter) -> HostMatrix<Double> {
        HostMatrix(
          engine.doubles(adapter.values[parameter]), rows: parameter.shape[0],
          columns: parameter.shape[1])
      }
      return Found(
        statistics: try #require(box.told[site.path]), down: matrix(pair.down),
        up: matrix(pair.up),
        weight: HostMatrix(
          engine.doubles(site.map.dense(model.store, engine)), rows: 12, columns: 8),
        scale: Double(site.scale))
    }
  }

  private final class Told: @unchecked Sendable { var told: [String: SiteStatistics] = [:] }

  private func isDiagonal(_ matrix: HostMatrix<Double>, equal: Bool = false) -> Bool {
    let first = matrix[0, 0]
    return (0..<matrix.rows).allSatisfy { row in
      (0..<matrix.columns).allSatisfy { column in
        row == column
          ? !equal || abs(matrix[row, row] - first) < 1e-5 * first
          : abs(matrix[row, column]) < 1e-5 * first
      }
    }
  }

  @Test
  func `of EVA has the principal directions of the inputs, with their largest number positive`()
    throws
  {
    for found in try starts(EVAStart(rho: 1)) {
      let covariance = try #require(found.statistics.inputs).covariance
      let values = try SymmetricEigenDecomposition(covariance).values
      let seen = found.down.multiplied(by: covariance).multiplied(by: found.down.transposed)
      #expect(isDiagonal(seen))
      for row in 0..<3 {
        #expect(abs(seen[row, row] - values[row]) < 1e-5 * values[0])
        let numbers = (0..<8).map { found.down[row, $0] }
        #expect(numbers.max { abs($0) < abs($1) } ?? -1 > 0)
      }
      #expect(found.up.elements.allSatisfy { $0 == 0 })
    }
  }

  /// Inputs whose first directions are slow waves along the channels, under noise.
  @Test func `of smooth directions is nearer to planted ones than principal directions are`() throws
  {
    @Sendable func waves(_ size: Int) -> HostMatrix<Double> {
      HostMatrix(
        (0..<2).flatMap { wave in
          (0..<size).map { Double.cosine(Double(wave + 1) * (Double($0) + 0.5) / Double(size)) }
        }, rows: 2, columns: size)
    }
    @Sendable func planted(_ request: StartRequest, _ seed: UInt64) -> SiteStatistics {
      let shapes = waves(request.inputs)
      var random = Philox(key: seed)
      var rows = HostMatrix<Double>(zeros: 18, request.inputs)
      for row in 0..<18 {
        let (a, b) = (1.2 * random.normal(), 0.9 * random.normal())
        for column in 0..<request.inputs {
          rows[row, column] = a * shapes[0, column] + b * shapes[1, column] + random.normal()
        }
      }
      var statistics = SiteStatistics(inputs: SecondMoments(of: rows))
      statistics.folds = [0..<6, 6..<12, 12..<18].map { SecondMoments(of: rows.rows($0)) }
      return statistics
    }
    func distance(_ start: any Initialization) throws -> Double {
      let truth = try QRDecomposition(waves(8).transposed).q
      return try (0..<UInt64(10)).reduce(0.0) { sum, seed in
        let found = try #require(
          try starts(start, rank: 2) { planted($0, seed) }.first)
        let seen = found.down.multiplied(by: truth)
        return sum + 2 - seen.elements.reduce(0) { $0 + $1 * $1 }
      }
    }
    let smooth = try distance(SplineCovarianceStart(coordinate: .channels))
    let plain = try distance(EVAStart(rho: 1))
    #expect(smooth < 0.8 * plain, "\(smooth) and \(plain)")
  }

  @Test func `of CorDA is that of PiSSA or MiLoRA where inputs are white`() throws {
    let white: @Sendable (StartRequest) -> SiteStatistics = { request in
      var unit = HostMatrix<Float>(zeros: request.inputs, request.inputs)
      for index in 0..<request.inputs { unit[index, index] = 0.7 }
      return SiteStatistics(
        inputs: SecondMoments(
          count: 10, mean: [Double](repeating: 0, count: request.inputs), matrix: unit,
          fourth: 1))
    }
    for (mode, other) in [
      (CorDAStart.Mode.instruction, PiSSAStart() as any Initialization),
      (.knowledge, MiLoRAStart()),
    ] {
      let (mine, theirs) = (try starts(CorDAStart(mode: mode), white), try starts(other))
      for (a, b) in zip(mine, theirs) {
        let (product, expected) = (a.up.multiplied(by: a.down), b.up.multiplied(by: b.down))
        #expect(product.subtracting(expected).frobeniusNorm < 1e-5)
      }
    }
  }

  @Test func `of CorDA leaves the smallest error on the inputs that it saw`() throws {
    for found in try starts(CorDAStart()) {
      let moments = try #require(found.statistics.inputs)
      var damped = HostMatrix<Double>(zeros: 8, 8)
      let mean = (0..<8).reduce(0) { $0 + Double(moments.matrix[$1, $1]) } / 8
      for row in 0..<8 {
        for column in 0..<8 {
          damped[row, column] =
            Double(moments.matrix[row, column]) + (row == column ? 0.01 * mean : 0)
        }
      }
      let values = try SingularValueDecomposition(found.weight.multiplied(by: damped)).values
      let rest = found.weight.subtracting(
        found.up.multiplied(by: found.down).scaled(by: found.scale))
      let tail = values.dropFirst(3).reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(abs(rest.multiplied(by: damped).frobeniusNorm - tail) < 1e-5)
    }
  }

  @Test(arguments: LoRAGAStart.Direction.allCases, LoRAGAStart.Scaling.allCases)
  func `of LoRA-GA has different directions of the gradient in A and B`(
    direction: LoRAGAStart.Direction, scaling: LoRAGAStart.Scaling
  ) throws {
    for found in try starts(LoRAGAStart(direction: direction, scaling: scaling)) {
      let gradient = HostMatrix<Double>(
        try #require(found.statistics.gradient).elements.map { Double($0) }, rows: 12, columns: 8)
      let svd = try SingularValueDecomposition(gradient)
      let (inA, inB): ([Int], [Int]) =
        switch direction {
        case .firstToA: ([0, 1, 2], [3, 4, 5])
        case .firstToB: ([3, 4, 5], [0, 1, 2])
        case .alternating: ([1, 3, 5], [0, 2, 4])
        }
      let (reads, writes) = (
        found.down.multiplied(by: svd.right.transposed),
        svd.left.transposed.multiplied(by: found.up)
      )
      let fourth = 12.0.squareRoot().squareRoot() / 4
      for index in 0..<3 {
        for place in 0..<8 where place != inA[index] { #expect(abs(reads[index, place]) < 1e-5) }
        for place in 0..<8 where place != inB[index] { #expect(abs(writes[place, index]) < 1e-5) }
        let value = svd.values[inB[index]]
        let weight = try SingularValueDecomposition(found.weight).values[0]
        let (down, up): (Double, Double) =
          switch scaling {
          case .stable: (1, value * fourth)
          case .paper: (fourth, fourth)
          case .weight: (1, value * weight / svd.values[inB[0]])
          case .step: (1 / found.scale, value / found.scale)
          case .unit: (1, value)
          }
        #expect(abs(abs(reads[index, inA[index]]) - down) < 1e-4)
        #expect(abs(abs(writes[inB[index], index]) - up) < 1e-4 * max(1, up))
      }
    }
  }

  @Test func `of LoRA-One is a step down the gradient, cut to its rank`() throws {
    for found in try starts(LoRAOneStart(gamma: 4), rank: 8) {
      let gradient = HostMatrix<Double>(
        try #require(found.statistics.gradient).elements.map { Double($0) }, rows: 12, columns: 8)
      let largest = try SingularValueDecomposition(gradient).values[0]
      let step = gradient.scaled(by: -1 / (4 * largest))
      #expect(found.up.multiplied(by: found.down).subtracting(step).frobeniusNorm < 1e-6)
    }
  }

  @Test func `of the whitened gradient reads white inputs and writes white outputs`() throws {
    for found in try starts(CovarianceStart(gamma: 9)) {
      let (reading, writing) = (
        try #require(found.statistics.inputs).shrunk.matrix,
        try #require(found.statistics.outputs).shrunk.matrix
      )
      #expect(
        isDiagonal(
          found.down.multiplied(by: reading).multiplied(by: found.down.transposed), equal: true))
      #expect(
        isDiagonal(
          found.up.transposed.multiplied(by: writing).multiplied(by: found.up), equal: true))
      #expect(abs(found.down.frobeniusNorm - (3.0 / 9).squareRoot()) < 1e-6)
      #expect(abs(found.up.frobeniusNorm - (3.0 / 9).squareRoot()) < 1e-6)
      // Bᵀ G Aᵀ is the diagonal of the whitened singular values.
      let gradient = HostMatrix<Double>(
        try #require(found.statistics.gradient).elements.map { Double($0) }, rows: 12, columns: 8)
      let core = found.up.transposed.multiplied(by: gradient)
        .multiplied(by: found.down.transposed)
      #expect(isDiagonal(core) && core[0, 0] >= core[1, 1] && core[1, 1] >= core[2, 2])
    }
  }

  @Test func `of Nyström lies in the columns of the weight, with a silent A`() throws {
    for found in try starts(NystromStart(xi: 2)) {
      let q = try QRDecomposition(found.weight).q
      let projected = q.multiplied(by: q.transposed.multiplied(by: found.up))
      #expect(projected.subtracting(found.up).frobeniusNorm < 1e-5)
      #expect(found.up.frobeniusNorm > 0.1 && found.down.elements.allSatisfy { $0 == 0 })
    }
  }

  @Test func `shrinks moments as Ledoit and Wolf do`() throws {
    for count in [3, 12, 500] {
      let rows = HostMatrix<Double>.made(count, 6, "shrinking")
      let moments = SecondMoments(of: rows)
      let s = rows.transposed.multiplied(by: rows).scaled(by: 1 / Double(count))
      var noise = 0.0
      for row in 0..<count {
        let x = rows.rows(row..<row + 1)
        let distance = x.transposed.multiplied(by: x).subtracting(s).frobeniusNorm
        noise += distance * distance
      }
      let trace = (0..<6).reduce(0) { $0 + s[$1, $1] } / 6
      var center = HostMatrix<Double>(zeros: 6, 6)
      for index in 0..<6 { center[index, index] = trace }
      let distance = s.subtracting(center).frobeniusNorm
      let share = min(1, noise / Double(count * count) / (distance * distance))
      let (matrix, found) = moments.shrunk
      #expect(abs(found - share) < 1e-6, "\(count) rows")
      let expected = s.scaled(by: 1 - share).subtracting(center.scaled(by: -share))
      #expect(matrix.subtracting(expected).frobeniusNorm < 1e-6)
    }
  }
}

extension Double {
  /// cos πx.
  fileprivate static func cosine(_ x: Double) -> Double { cos(.pi * x) }
}
