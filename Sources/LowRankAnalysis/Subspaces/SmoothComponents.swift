import LowRankAdapters
import LowRankCheckpoints
import LowRankCompression
import LowRankTensors

/// The leading directions that the modules of an adapter read, along the order of their channels, with smooth curves through
/// them.
///
/// Directions of spline starts are smooth by construction (`--init spline-covariance:coordinate=channels`); how much of one is left
/// of a trained direction is what the curve's share says.
public struct SmoothComponents: Sendable {
  /// One module's directions.
  public struct Module: Sendable {
    /// The module's path.
    public let path: String
    /// The right singular vectors, largest singular value first.
    public let directions: [[Double]]
    /// A curve through each.
    public let curves: [SmoothCurve]
  }

  /// The modules with the largest updates, largest first.
  public let modules: [Module]

  /// Smooths the directions of the modules with the largest updates.
  public init(of analysis: AdapterAnalysis, modules count: Int = 6, directions: Int = 3) {
    let largest = analysis.modules.sorted {
      ($1.summary.frobenius, $0.stored.path) < ($0.summary.frobenius, $1.stored.path)
    }
    modules = largest.prefix(count).map { module in
      let right = module.update.right
      let rows = (0..<min(directions, right.rows)).map { row -> [Double] in
        let numbers = (0..<right.columns).map { right[row, $0] }
        // The sign is free: the largest number is positive.
        let extreme = numbers.max { abs($0) < abs($1) } ?? 0
        return extreme < 0 ? numbers.map { -$0 } : numbers
      }
      return Module(
        path: module.stored.path, directions: rows, curves: rows.map { SmoothCurve($0) })
    }
  }

  /// The curves as JSON.
  public var json: JSONValue {
    .array(
      modules.map { module in
        [
          "path": .string(module.path),
          "directions": .array(
            module.curves.enumerated().map { index, curve in
              [
                "number": .integer(index + 1), "smoothing": .double(curve.smoothing),
                "smooth_share": .double(curve.kept),
                "curve": .array(curve.values.map { .double($0) }),
              ]
            }),
        ]
      })
  }
}
