import Foundation
import LowRankAdapters
import LowRankCheckpoints

extension Combination {
  /// Refuses adapters that cannot add up: magnitudes, different bases, different modules trained whole.
  ///
  /// - Returns: the different bases that were allowed.
  static func check(
    _ adapters: [WeightedAdapter], allowing allowed: Set<LoadCheck>
  ) throws -> CombinationError? {
    guard let first = adapters.first?.adapter else { throw CombinationError.noAdapters }
    for adapter in adapters.map(\.adapter) {
      if let module = adapter.modules.first(where: { $0.magnitude != nil }) {
        throw CombinationError.magnitudes(
          adapter: adapter.url.relativePath, path: module.path)
      }
    }
    let bases = differentBases(of: adapters.map(\.adapter))
    if let bases, !allowed.contains(.fingerprint) { throw bases }
    for other in adapters.dropFirst().map(\.adapter)
    where first.differingPurpose(from: other).contains("id2label") {
      throw CombinationError.classes(
        first: first.url.relativePath, second: other.url.relativePath)
    }
    for other in adapters.dropFirst().map(\.adapter) {
      try checkOthers(of: first, and: other)
      try checkOthers(of: other, and: first)
    }
    return bases
  }

  /// The bases of two adapters whose fingerprints differ, but for two storages of one model; nil if there are none.
  private static func differentBases(of adapters: [StoredAdapter]) -> CombinationError? {
    let known = adapters.filter { $0.baseFingerprint != nil }
    guard let one = known.first,
      let other = known.first(where: {
        $0.baseFingerprint != one.baseFingerprint
          && ($0.baseIdentity == nil || $0.baseIdentity != one.baseIdentity)
      })
    else { return nil }
    func name(_ adapter: StoredAdapter) -> String {
      let path = adapter.url.relativePath
      guard let base = adapter.baseName else { return "the base of \(path)" }
      return one.baseName == other.baseName ? "\(base) of \(path)" : base
    }
    return .bases(first: name(one), second: name(other))
  }

  private static func checkOthers(of one: StoredAdapter, and other: StoredAdapter) throws {
    for tensor in one.others {
      let twin = other.others.first { $0.name == tensor.name }
      // An adapter without an update of the module holds no copy of its weight.
      if tensor.isBaseCopy, twin == nil { continue }
      guard let twin, twin.type == tensor.type, twin.shape == tensor.shape,
        try tensor.withBytes({ bytes in try twin.withBytes { bytes.elementsEqual($0) } })
      else {
        guard !tensor.isBaseCopy else {
          throw CombinationError.baseCopies(
            name: tensor.name.text, first: one.url.relativePath, second: other.url.relativePath)
        }
        throw CombinationError.others(name: tensor.name.text, adapter: other.url.relativePath)
      }
      // Equal rows may belong to different tokens.
      let key = "trainable_token_indices"
      guard one.config[key] ?? .null == other.config[key] ?? .null else {
        throw CombinationError.others(name: tensor.name.text, adapter: other.url.relativePath)
      }
    }
  }
}
