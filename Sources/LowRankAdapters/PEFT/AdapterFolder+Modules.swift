import LowRankCheckpoints
import LowRankTransformers

extension AdapterFolder {
  /// The fingerprint of the base it was trained on, where it is known.
  package var baseFingerprint: String? { facts?.fingerprint }

  /// The adapted modules with the rank and the scale that the configuration gives them, in order; see ``StoredAdapter`` for
  /// their updates.
  ///
  /// - Throws: `AdapterError`, `JSONError`, `PatternError`, and what reading an adapter of another format throws.
  package var ranks: [(path: String, rank: Int, scale: Double)] {
    get throws {
      let configuration = try AdapterConfiguration(peft: config)
      guard !configuration.method.dialect.holdsFactors else {
        return try StoredAdapter(at: url).modules.map { ($0.path, $0.rank, $0.scale) }
      }
      let paths = Set(
        file.tensors.compactMap { tensor -> String? in
          guard let name = tensor.name.droppingPrefix(Self.prefix)?.text,
            !name.utf8.reversed().starts(with: ".weight".utf8.reversed()),
            !name.utf8.reversed().starts(with: ".bias".utf8.reversed()),
            let dot = name.lastIndex(of: ".")
          else { return nil }
          return String(name[..<dot])
        })
      return paths.sorted(by: { modulePath($0, precedes: $1) }).map {
        ($0, configuration.ranks.rank(of: $0), configuration.ranks.exactScale(of: $0))
      }
    }
  }
}
