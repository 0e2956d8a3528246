import LowRankAdapters
import LowRankProgress
import LowRankTraining

/// The smallest adapter of a family of policies that is good enough on some data, and what it took to find it.
///
/// The search guarantees, whatever the data: the adapter found was measured and meets the bound, or it is the whole
/// adapter; and the next smaller one of the family was measured and does not. If quality never falls as more is kept, the
/// adapter found is therefore the smallest of the family. If it moves up and down, a much smaller one may meet the bound too.
///
/// A bound on the loss, which nearly falls with what is kept, is searched by bisection, with at most ⌈log₂ n⌉ measurements
/// of n policies. A bound on a metric, which moves up and down, is searched from the smallest policy on: the 1st, 2nd, 4th,
/// 8th, … until one meets the bound, then by bisection, with at most 2 ⌈log₂ n⌉ measurements.
public struct QualitySearch: Sendable {
  /// How far a search is.
  public struct Progress: Hashable, Sendable {
    /// The number of the measurement that is under way, from 1.
    public let evaluation: Int
    /// The most measurements that the search takes.
    public let mostEvaluations: Int
    /// The total rank of the adapter that is measured.
    public let rank: Int
  }

  /// The ranks that are kept, one for each module; all of them if no smaller adapter meets the bound.
  public let ranks: [Int]
  /// What was measured of the adapter found; nil if that is the whole adapter.
  public let point: QualitySweep.Point?
  /// How many adapters were measured.
  public let evaluations: Int

  /// Searches.
  ///
  /// - Parameters:
  ///   - report: told of every adapter that was measured.
  ///   - onProgress: told of every measurement when it begins.
  /// - Throws: `FileError`, and what compressing throws.
  public init(
    _ meter: QualityMeter, of compression: Compression, in family: PolicyFamily,
    within bound: QualityBound, trying report: (QualitySweep.Point) -> Void = { _ in },
    onProgress: (Progress) -> Void = { _ in }
  ) throws {
    let spectra = compression.spectra
    let search = BoundarySearch(
      count: max(1, family.count), from: bound.metric == .loss ? .middle : .smallest)
    let work = Work("searching \(family.name)", .tries)
    defer { work.end() }
    work.update(done: 0, of: search.mostTrials)
    var points: [[Int]: QualitySweep.Point] = [:]
    /// What an adapter of these ranks does on the data; equal ranks are measured once.
    func measured(_ ranks: [Int]) throws -> QualitySweep.Point {
      if let known = points[ranks] { return known }
      let (draft, certificate) = try compression.keeping(ranks)
      onProgress(
        Progress(
          evaluation: points.count + 1, mostEvaluations: search.mostTrials,
          rank: certificate.rankAfter))
      let point = QualitySweep.Point(
        policy: family.name, certificate, try meter.quality(of: draft))
      report(point)
      points[ranks] = point
      work.update(done: points.count, of: search.mostTrials)
      return point
    }
    let member = try search.run { member in
      let ranks = family[member].ranks(for: spectra)
      guard ranks.contains(where: { $0 > 0 }) else { return false }
      return bound.holds(for: try measured(ranks).quality)
    }
    evaluations = points.count
    let ranks = member < family.count - 1 ? family[member].ranks(for: spectra) : nil
    point = ranks.flatMap { points[$0] }
    self.ranks = ranks ?? spectra.map(\.values.count)
  }
}
