import Foundation
import LowRank

/// What `compress --sweep` does: measures an adapter pruned by every kind of policy, shows it, and reports.
struct CompressionSweep {
  private let compression: Compression
  private let meter: QualityMeter
  private let isQuiet: Bool

  /// A sweep that prints one JSON object where it is quiet, else lines.
  init(_ compression: Compression, _ meter: QualityMeter, isQuiet: Bool) {
    (self.compression, self.meter, self.isQuiet) = (compression, meter, isQuiet)
  }

  /// Measures at some budgets of each policy, or finds the smallest of each whose loss is at most a limit.
  func run(within limit: Double?, reporting write: (Report) throws -> Void) throws {
    Console.write(String(format: "as it is: loss %.4f", meter.before.loss))
    guard let limit else {
      let points = try QualitySweep(compression, meter, reporting: show).points
      try write(report(points, nil))
      return try finish(points, "sweep")
    }
    var (smallest, tried) = ([QualitySweep.Point](), [QualitySweep.Point]())
    for family in PolicyFamily.all(of: compression.spectra) {
      let found = try meter.smallest(of: compression, in: family, losingAtMost: limit) { point in
        tried.append(point)
        show(point)
      }
      if let found { smallest.append(found.point) }
    }
    try write(report(tried, limit))
    try finish(smallest, "smallest")
    guard !isQuiet else { return }
    try Console.result(String(format: "smallest with a loss of at most %.4f:", limit))
    for point in smallest { try Console.result("  " + Self.line(point, of: parameters)) }
  }

  private var parameters: Int { compression.adapter.factorParameters }

  private func show(_ point: QualitySweep.Point) {
    if !isQuiet { Console.write(Self.line(point, of: parameters)) }
  }

  private static func line(_ point: QualitySweep.Point, of parameters: Int) -> String {
    String(
      format: "%@  rank %4d  %8d parameters (−%.1f %%)  loss %.4f",
      point.policy.padding(toLength: 17, withPad: " ", startingAt: 0), point.rank,
      point.parameters, 100 * (1 - Double(point.parameters) / Double(parameters)), point.loss)
  }

  private func report(_ points: [QualitySweep.Point], _ limit: Double?) -> Report {
    Report(
      points, before: (parameters, meter.before.loss),
      named: compression.adapter.url.lastPathComponent, limit: limit)
  }

  private func finish(_ points: [QualitySweep.Point], _ key: String) throws {
    guard isQuiet else { return }
    try Console.result([
      "loss_before": .double(meter.before.loss), "parameters_before": .integer(parameters),
      key: .array(points.map { .object($0.json) }),
    ])
  }
}
