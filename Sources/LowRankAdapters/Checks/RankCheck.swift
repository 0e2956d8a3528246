import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

extension AdapterConfiguration {
  /// Where the configuration's ranks and α make no sense or are not those of the tensors, and puts what counts then in
  /// their place.
  ///
  /// - Throws: `PatternError`.
  mutating func correctRanks(by folder: AdapterFolder, on base: Model) throws -> [LoadProblem] {
    let saved = try SavedModules(modulesToSave, in: base.architecture)
    var problems = removeSenseless(folder.config.source)
    var stored: [(path: String, rank: Int)] = []
    try base.architecture.places { site, place in
      guard !saved.contains(site.path), try target.selects(site),
        let factors = folder.factors(of: site.path, place)
      else { return }
      stored.append((site.path, factors.rank))
      let declared = ranks.rank(of: site.path)
      // A rank that makes no sense has been reported where it stands.
      if declared != factors.rank, Self.isRank(declared) {
        problems.append(folder.problem(at: site.path, declared: declared, factors))
      }
    }
    if !Self.isRank(ranks.rank) { ranks.rank = stored.map(\.rank).max() ?? 1 }
    for (path, rank) in stored where ranks.rank(of: path) != rank && Self.isRank(rank) {
      ranks.rankPattern.insert(try .init(path, rank), at: 0)
    }
    if !Self.isAlpha(ranks.alpha) {
      let unscaled = { (rank: Int, stable: Bool) in
        stable ? Double(rank).squareRoot() : Double(rank)
      }
      for (path, rank) in stored
      where !ranks.alphaPattern.contains(where: { $0.key.matchesWhole(path) }) {
        ranks.alphaPattern.append(try .init(path, unscaled(rank, ranks.isRankStabilized)))
      }
      ranks.alpha = unscaled(ranks.rank, ranks.isRankStabilized)
    }
    return problems
  }

  /// Takes out the entries of patterns that make no sense; `r` and `lora_alpha` themselves are only reported.
  mutating func removeSenseless(_ file: String) -> [LoadProblem] {
    var problems: [LoadProblem] = []
    func report(_ sentence: String) { problems.append(LoadProblem(.rank, file, sentence)) }
    let (rank, alpha) = (
      "expected a number from 1 to \(Self.greatestRank)", "expected \(Self.expectedAlpha)"
    )
    let dialect = method.dialect
    if !Self.isRank(ranks.rank) { report("\"\(dialect.rankKey)\" is \(ranks.rank), \(rank)") }
    if !Self.isAlpha(ranks.alpha) {
      report("\"\(dialect.alphaKey ?? "lora_alpha")\" is \(ranks.alpha), \(alpha)")
    }
    func isKept<Value>(
      _ entry: PatternRanks.Entry<Value>, _ name: String, _ makesSense: (Value) -> Bool,
      _ expected: String
    ) -> Bool {
      let key = "\"\(name)\", \"\(entry.key)\""
      guard makesSense(entry.value) else {
        report("\(key) is \(entry.value), \(expected)")
        return false
      }
      // A pattern for modules that the model has none of changes nothing, as PEFT has it too.
      return true
    }
    ranks.rankPattern = ranks.rankPattern.filter {
      isKept($0, "rank_pattern", { Self.isRank($0) || $0 == 0 && dialect.masksRanks }, rank)
    }
    ranks.alphaPattern = ranks.alphaPattern.filter {
      isKept($0, "alpha_pattern", Self.isAlpha, alpha)
    }
    return problems
  }

  static func isRank(_ rank: Int) -> Bool { (1...greatestRank).contains(rank) }
  static let expectedAlpha =
    "a number other than 0 that single precision can hold (at most 3.4e38)"
  static func isAlpha(_ alpha: Double) -> Bool { Float(alpha).isFinite && Float(alpha) != 0 }
}

extension AdapterFolder {
  /// The factors of a module that fit it and agree on a rank; none where there is no such pair.
  fileprivate func factors(of path: String, _ place: ModuleSlot) -> (
    down: Shape, up: Shape, rank: Int
  )? {
    let (kind, inputs, outputs): (StoredModule.Kind, Int, Int)
    switch place {
    case .linear(let map): (kind, inputs, outputs) = (.linear, map.inputs, map.outputs)
    case .embedding(let table):
      (kind, inputs, outputs) = (.embedding, table.weight.shape[0], table.weight.shape[1])
    case .plain: return nil
    }
    func shape(_ suffix: String) -> Shape? { file[TensorName(Self.prefix + path + suffix)]?.shape }
    guard let down = shape(kind.downSuffix), let up = shape(kind.upSuffix), down.rank == 2,
      up.rank == 2, down[0] == up[1], down[0] > 0, down[1] == inputs, up[0] == outputs
    else { return nil }
    return (down, up, down[0])
  }

  fileprivate func problem(
    at path: String, declared: Int, _ factors: (down: Shape, up: Shape, rank: Int)
  ) -> LoadProblem {
    let expected: (Shape, Shape) = ([declared, factors.down[1]], [factors.up[0], declared])
    return LoadProblem(
      .rank, file.url.relativePath,
      "\(path) has factors \(factors.down) and \(factors.up) of rank \(factors.rank), and \(Self.configName) "
        + "gives it rank \(declared): expected \(expected.0) and \(expected.1)")
  }
}
