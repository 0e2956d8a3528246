import Foundation

/// The digests of the runs that were last looked at: each point is read and thinned once.
actor Digests {
  static let kept = 16
  static let batch = 20_000

  private let source: any RunSource
  private var digests: [String: RunDigest] = [:]
  private var order: [String] = []

  init(_ source: any RunSource) { self.source = source }

  /// The series of a run as JSON, up to the last point there is.
  func json(of id: String) throws -> Data {
    var digest = digests[id] ?? RunDigest()
    while true {
      let points = try source.points(of: id, after: digest.place, limit: Self.batch)
      digest.add(points)
      guard points.count == Self.batch else { break }
    }
    order.removeAll { $0 == id }
    order.append(id)
    digests[id] = digest
    if order.count > Self.kept { digests[order.removeFirst()] = nil }
    return try JSON.data(digest)
  }
}
