extension AdapterConfiguration {
  /// Gives modules the ranks that statistics led to, and leaves out those of rank zero.
  ///
  /// - Parameters:
  ///   - ranks: the rank of each module by path; a module that is missing is left out too.
  ///   - sites: the modules that the configuration adapts so far.
  ///   - keepsScale: whether α grows with the rank, so that a module has the scale that it had.
  /// - Throws: `PatternError`.
  package mutating func share(
    _ ranks: [String: Int], among sites: [AdaptedSite], keepingScale keepsScale: Bool = true
  ) throws {
    let given = self.ranks
    var rankPattern: [PatternRanks.Entry<Int>] = []
    var alphaPattern: [PatternRanks.Entry<Double>] = []
    var rest: [String] = []
    for path in sites.map(\.path) {
      guard let rank = ranks[path], rank > 0 else {
        rest.append(path)
        continue
      }
      let before = Double(given.rank(of: path))
      let growth = Double(rank) / before
      let alpha =
        given.alpha(of: path) * (given.isRankStabilized ? growth.squareRoot() : growth)
      // A path is a pattern that matches itself.
      if rank != given.rank { rankPattern.append(try .init(path, rank)) }
      if keepsScale, alpha != given.alpha { alphaPattern.append(try .init(path, alpha)) }
    }
    self.ranks.rankPattern = rankPattern
    if keepsScale { self.ranks.alphaPattern = alphaPattern }
    guard !rest.isEmpty else { return }
    switch target.excluded {
    case .matching(let pattern):
      let paths = rest.map { $0.replacing(".", with: "\\.") }.joined(separator: "|")
      target.excluded = .matching(try PathPattern("(?:\(pattern))|\(paths)"))
    case .named(let names): target.excluded = .named(names + rest)
    case nil, .roles, .allLinear: target.excluded = .named(rest)
    }
  }
}
