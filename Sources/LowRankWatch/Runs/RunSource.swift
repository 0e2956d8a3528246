/// Where runs and their points come from: the run store, or a test's own.
///
/// Points are asked for again and again while a run is live, by several clients, so all functions are quick reads.
package protocol RunSource: Sendable {
  /// The latest runs, the newest first.
  ///
  /// - Throws: what keeps the runs from being read.
  func runs() throws -> [WatchedRun]

  /// A run, or none of that identity.
  ///
  /// - Throws: what keeps the run from being read.
  func run(_ id: String) throws -> WatchedRun?

  /// The points of a run that were recorded after a place, in the order of their places, `limit` at most.
  ///
  /// - Throws: what keeps the points from being read.
  func points(of id: String, after place: Int64, limit: Int) throws -> [WatchedPoint]
}
