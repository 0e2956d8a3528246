import LowRank

/// What an adapter of an experiment is: which matrices, at which ranks, from which seed.
struct Recipe: Hashable {
  /// The matrices, in the order of the paper.
  let roles: [Site.Role]
  /// Their ranks.
  let ranks: [Int]
  /// What its start and the order of the rows follow from.
  let seed: UInt64

  /// α of all adapters, as the paper keeps one whatever the rank.
  static let alpha = 16.0

  /// The name of its folder: `qv-r8-seed0`, or `qk-r5-r4-seed0` where ranks differ.
  var name: String {
    let shown = Set(ranks).count == 1 ? Array(ranks.prefix(1)) : ranks
    return roles.map(\.letter).joined() + shown.map { "-r\($0)" }.joined() + "-seed\(seed)"
  }

  /// The matrices as the paper names them.
  var symbols: String { roles.map(\.symbol).joined(separator: ", ") }

  /// The rank, or the ranks where they differ.
  var rankText: String {
    Set(ranks).count == 1
      ? String(ranks[0]) : ranks.map(String.init).joined(separator: ", ")
  }

  /// The adapter's configuration.
  ///
  /// - Throws: `PatternError` where a module's path is no regular expression.
  func configuration(_ matrices: AttentionMatrices) throws -> AdapterConfiguration {
    var entries: [PatternRanks.Entry<Int>] = []
    for (role, rank) in zip(roles, ranks) where rank != ranks[0] {
      entries.append(try .init(matrices[role].module, rank))
    }
    return AdapterConfiguration(
      target: Target(.roles(Set(roles))),
      ranks: PatternRanks(rank: ranks[0], alpha: Self.alpha, rankPattern: entries))
  }

  /// The recipe as JSON.
  var json: JSONObject {
    [
      "matrices": .array(roles.map { .string($0.letter) }),
      "ranks": .array(ranks.map { .integer($0) }), "alpha": .double(Self.alpha),
      "seed": .string(String(seed)),
    ]
  }
}
