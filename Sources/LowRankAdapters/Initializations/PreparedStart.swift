import LowRankTransformers

/// Factors that were worked out from statistics before the adapter is made.
public struct PreparedStart: Initialization {
  public let configurationValue: InitializationName
  public let isOffset: Bool
  private let factors: [String: StartingFactors]

  /// The factors of a start, by the key of each request.
  public init(_ factors: [String: StartingFactors], of start: any Initialization) {
    (configurationValue, isOffset) = (start.configurationValue, start.isOffset)
    self.factors = factors
  }

  /// - Throws: `StartError` where the site was not prepared.
  public func factors(for request: StartRequest) throws -> StartingFactors {
    guard let found = factors[request.key], found.down.count == request.rank * request.inputs,
      found.up.count == request.outputs * request.rank
    else { throw StartError.noStatistics(configurationValue.text, request.path) }
    return found
  }
}

extension StartRequest {
  /// What a start makes of the pairs of one site, by the key of each.
  ///
  /// - Parameter statistics: those of each pair, in the order of the slices; one for a whole map.
  /// - Throws: what the start throws.
  package static func factors(
    of site: AdaptedSite, on base: Model, from start: any Initialization,
    knowing statistics: [SiteStatistics], seed: UInt64
  ) throws -> [String: StartingFactors] {
    let factory = ParameterFactory(engine: base.engine, base: base.store, seed: seed)
    let slices: [Site.Slice?] = site.slices.map { $0.map { $0 } } ?? [nil]
    precondition(slices.count == statistics.count, "\(statistics.count) statistics of \(site.path)")
    var result: [String: StartingFactors] = [:]
    for (slice, statistics) in zip(slices, statistics) {
      var request = factory.startRequest(for: site, slice: slice)
      request.statistics = statistics
      result[request.key] = try start.factors(for: request)
    }
    return result
  }
}
