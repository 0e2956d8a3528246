import Foundation
import LowRankCheckpoints

extension CachedRepository {
  /// What a look into the cache found.
  enum Finding {
    /// Everything that is read is here, or known not to exist.
    case complete
    /// Configuration and weights are here; of the rest nobody knows whether the commit has it.
    case usable
    /// These are missing.
    case incomplete([String])

    /// Whether a model or an adapter can be read from it.
    var isUsable: Bool { missing.isEmpty }

    /// What is missing for that.
    var missing: [String] { if case .incomplete(let missing) = self { missing } else { [] } }
  }

  /// Looks for what is wanted of a commit, without asking anybody.
  func find(_ content: HubContent, _ commit: String) -> Finding {
    let content =
      content == .either
      ? (has(NeededFiles.adapterConfig, commit) ? .adapter : .model) : content
    let config = content == .adapter ? NeededFiles.adapterConfig : NeededFiles.config
    var missing = has(config, commit) ? [] : [config]
    missing += missingWeights(content, commit)
    guard missing.isEmpty else { return .incomplete(missing) }
    let isKnown = NeededFiles.companions(content).allSatisfy {
      has($0, commit) || lacks($0, commit)
    }
    return isKnown ? .complete : .usable
  }

  private func missingWeights(_ content: HubContent, _ commit: String) -> [String] {
    guard content != .adapter else {
      let isHere = NeededFiles.adapterWeights.contains { has($0, commit) }
      return isHere ? [] : [NeededFiles.adapterWeights[0]]
    }
    if has(NeededFiles.weights, commit) { return [] }
    let index = URL(filePath: pointer(NeededFiles.index, commit))
    guard has(NeededFiles.index, commit),
      let map = try? JSONFile(at: index).object("weight_map"),
      let shards = try? Selection.shards(map)
    else { return [NeededFiles.weights] }
    return shards.filter { !NeededFiles.isSafe($0) || !has($0, commit) }
  }
}
