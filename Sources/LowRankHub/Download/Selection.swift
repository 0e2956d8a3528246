import LowRankCheckpoints
import Foundation

/// What of a commit is to be here.
struct Selection {
  /// What comes first: configuration, tokenizer, and the index of shards.
  var small: [RemoteFile] = []
  /// The weights, or none where the index must be read to know them.
  var weights: [RemoteFile] = []
  /// Names that would be read and that the commit does not have.
  var absent: [String] = []
  /// The index that names the weights.
  var index: RemoteFile?

  /// Chooses from what the hub lists.
  ///
  /// - Throws: `HubError` where there is no such model or adapter.
  init(_ listing: Listing, _ content: HubContent, of name: HubName) throws(HubError) {
    let hasAdapter = listing[NeededFiles.adapterConfig] != nil
    let content = content == .either ? (hasAdapter ? .adapter : .model) : content
    let needed = content == .adapter ? NeededFiles.adapterConfig : NeededFiles.config
    guard let config = listing[needed] else {
      let other = content == .adapter ? NeededFiles.config : NeededFiles.adapterConfig
      let kind = content == .adapter ? "a model, not an adapter" : "an adapter, not a model"
      throw .lacks(name, listing[other] == nil ? "holds no \(needed)" : "is \(kind)")
    }
    small = [config]
    for path in NeededFiles.companions(content) {
      if let file = listing[path] { small.append(file) } else { absent.append(path) }
    }
    let files =
      content == .adapter ? NeededFiles.adapterWeights : [NeededFiles.weights]
    if let file = files.lazy.compactMap({ listing[$0] }).first {
      weights = [file]
    } else if content == .model, let file = listing[NeededFiles.index] {
      index = file
      small.append(file)
    } else {
      throw Self.noWeights(listing, files[0], of: name)
    }
  }

  /// The shards that the index names, which is here by now.
  mutating func readIndex(at path: String, _ listing: Listing, of name: HubName) throws {
    guard index != nil else { return }
    let map = try JSONFile(at: URL(filePath: path)).object("weight_map")
    weights = try Self.shards(map).map { shard in
      guard NeededFiles.isSafe(shard) else { throw HubError.unsafePath(shard, in: name) }
      guard let file = listing[shard] else {
        throw HubError.lacks(name, "lacks the shard \(shard) of its index")
      }
      return file
    }
  }

  /// The shards of an index, each once, in order.
  static func shards(_ map: JSONSection) throws -> [String] {
    Set(try map.allKeys.map { ExactText(try map.string($0)) }).sorted().map(\.string)
  }

  private static func noWeights(_ listing: Listing, _ wanted: String, of name: HubName) -> HubError
  {
    if let other = listing.files.map(\.path).filter(NeededFiles.isForeignWeights).min() {
      return .pickled(name, other)
    }
    return .lacks(name, "holds no \(wanted)")
  }
}
