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
    if case .gguf(let path) = content {
      let missing = HubFile.parts(of: path).filter { !has($0, commit) }
      return missing.isEmpty ? .complete : .incomplete(missing)
    }
    let content =
      content == .either
      ? (has(NeededFiles.adapterConfig, commit) ? .adapter : .model) : content
    let config = content == .adapter ? NeededFiles.adapterConfig : NeededFiles.config
    var missing = has(config, commit) ? [] : [config]
    missing += missingWeights(content, commit)
    guard missing.isEmpty else { return .incomplete(missing) }
    let isKnown =
      hasBestWeights(content, commit)
      && NeededFiles.companions(content).allSatisfy { has($0, commit) || lacks($0, commit) }
    return isKnown ? .complete : .usable
  }

  private func missingWeights(_ content: HubContent, _ commit: String) -> [String] {
    let files = NeededFiles.weights(content)
    for names in [files.safetensors, files.torch] {
      if names.wholes.contains(where: { has($0, commit) }) { return [] }
      guard let index = names.index, has(index, commit),
        let map = try? JSONFile(at: URL(filePath: pointer(index, commit))).object("weight_map"),
        let shards = try? Selection.shards(map)
      else { continue }
      return shards.filter { !NeededFiles.isSafe($0) || !has($0, commit) }
    }
    return [files.safetensors.wholes[0]]
  }

  /// Whether there can be no better weights than those that are here: safetensors, or the commit has none.
  private func hasBestWeights(_ content: HubContent, _ commit: String) -> Bool {
    let names = NeededFiles.weights(content).safetensors.names
    return names.contains { has($0, commit) } || names.allSatisfy { lacks($0, commit) }
  }
}
