import Foundation
import LowRank
import LowRankConsole

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
  func run(within bound: QualityBound?, reporting write: (Report) throws -> Void) throws {
    Console.write("as it is: \(Self.text(meter.before))")
    guard let bound else {
      let points = try QualitySweep(compression, meter, reporting: show).points
      try write(report(points, nil))
      return try finish(points, "sweep", evaluations: points.count)
    }
    var (smallest, tried) = ([QualitySweep.Point](), [QualitySweep.Point]())
    for family in PolicyFamily.all(of: compression.spectra) {
      let found = try meter.smallest(of: compression, in: family, within: bound) { point in
        tried.append(point)
        show(point)
      }
      if let found { smallest.append(found.point) }
    }
    try write(report(tried, bound.metric == .loss ? bound.limit : nil))
    try finish(smallest, "smallest", evaluations: tried.count)
    guard !isQuiet else { return }
    try Console.result("smallest with \(Self.text(bound)), found in \(tried.count) evaluations:")
    for point in smallest { try Console.result("  " + Self.line(point, of: parameters)) }
  }

  private var parameters: Int { compression.adapter.factorParameters }

  private func show(_ point: QualitySweep.Point) {
    if !isQuiet { Console.write(Self.line(point, of: parameters)) }
  }

  private static func line(_ point: QualitySweep.Point, of parameters: Int) -> String {
    String(
      format: "%@  rank %4d  %8d parameters (−%.1f %%)  ",
      point.policy.padding(toLength: 17, withPad: " ", startingAt: 0), point.rank,
      point.parameters, 100 * (1 - Double(point.parameters) / Double(parameters)))
      + text(point.quality)
  }

  /// A bound in words.
  static func text(_ bound: QualityBound) -> String {
    String(
      format: "%@ of at %@ %.4f", bound.metric.rawValue,
      bound.metric.isBetterHigher ? "least" : "most", bound.limit)
  }

  /// The loss and the metrics.
  static func text(_ quality: Quality) -> String {
    let metrics = quality.json.entries.compactMap { key, value in
      value.double.map { ", \(key) " + String(format: "%.4f", $0) }
    }
    return String(format: "loss %.4f", quality.loss) + metrics.joined()
  }

  private func report(_ points: [QualitySweep.Point], _ limit: Double?) -> Report {
    Report(
      points, before: (parameters, meter.before.loss),
      named: compression.adapter.url.lastPathComponent, limit: limit)
  }

  private func finish(
    _ points: [QualitySweep.Point], _ key: String, evaluations: Int
  ) throws {
    guard isQuiet else { return }
    try Console.result([
      "loss_before": .double(meter.before.loss), "before": .object(meter.before.json),
      "parameters_before": .integer(parameters), key: .array(points.map { .object($0.json) }),
      "evaluations": .integer(evaluations),
    ])
  }
}
