import LowRankAdapters
import LowRankTensors
import LowRankTransformers

/// A start that is told statistics of made rows, where a run would collect them.
struct PlantedStart: Initialization {
  let start: any Initialization
  let statistics: @Sendable (StartRequest) -> SiteStatistics

  init(
    _ start: any Initialization,
    _ statistics: @escaping @Sendable (StartRequest) -> SiteStatistics = { .made(for: $0) }
  ) {
    (self.start, self.statistics) = (start, statistics)
  }

  var configurationValue: InitializationName { start.configurationValue }
  var isOffset: Bool { start.isOffset }
  var needs: StartNeeds { start.needs }

  /// LoftQ where every weight of the dense model differs from the base's by made numbers.
  static let loftQ = LoftQStart { request in
    let noise = HostMatrix<Double>.made(request.outputs, request.inputs, request.key + " lost")
    return HostMatrix(
      zip(request.weight(), noise.elements).map { $0 + 0.1 * Float($1) }, rows: request.outputs,
      columns: request.inputs)
  }

  func factors(for request: StartRequest) throws -> StartingFactors {
    var request = request
    request.statistics = statistics(request)
    let whole = try start.factors(for: request)
    guard let offered = whole.shares?.count else { return whole }
    return StartingFactors(
      down: Array(whole.down.prefix(request.rank * request.inputs)),
      up: (0..<request.outputs).flatMap {
        whole.up[$0 * offered..<$0 * offered + request.rank]
      })
  }
}

extension SiteStatistics {
  /// The statistics of 200 made rows of inputs and of gradients, which depend on each other.
  static func made(for request: StartRequest) -> SiteStatistics {
    let (x, dy) = (
      HostMatrix<Double>.made(200, request.inputs, request.key + " inputs"),
      HostMatrix<Double>.made(200, request.outputs, request.key + " gradients")
    )
    let gradient = dy.transposed.multiplied(by: x).scaled(by: 1.0 / 200)
    var statistics = SiteStatistics(
      inputs: SecondMoments(of: x), outputs: SecondMoments(of: dy),
      gradient: HostMatrix(
        gradient.elements.map { Float($0) }, rows: gradient.rows, columns: gradient.columns))
    statistics.folds = [0..<60, 60..<130, 130..<200].map { SecondMoments(of: x.rows($0)) }
    return statistics
  }
}

extension HostMatrix<Double> {
  /// Rows whose columns have scales 1, ½, ⅓, … and are mixed with their neighbours.
  static func made(_ rows: Int, _ columns: Int, _ name: String) -> HostMatrix {
    var random = Philox(key: name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
    var result = HostMatrix(zeros: rows, columns)
    for row in 0..<rows {
      var last = 0.0
      for column in 0..<columns {
        last = random.normal() / Double(column + 1) + 0.4 * last
        result[row, column] = last
      }
    }
    return result
  }
}
