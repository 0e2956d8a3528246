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
  /// Whether the weights are files of torch, because there are no safetensors.
  var isTorch = false

  /// Chooses from what the hub lists.
  ///
  /// - Throws: `HubError` where there is no such model or adapter.
  init(_ listing: Listing, _ content: HubContent, of name: HubName) throws(HubError) {
    if case .gguf(let path) = content {
      weights = try Self.gguf(path, listing, of: name)
      return
    }
    let hasAdapter = listing[NeededFiles.adapterConfig] != nil
    let content = content == .either ? (hasAdapter ? .adapter : .model) : content
    let needed = content == .adapter ? NeededFiles.adapterConfig : NeededFiles.config
    guard let config = listing[needed] else {
      let other = content == .adapter ? NeededFiles.config : NeededFiles.adapterConfig
      let kind = content == .adapter ? "a model, not an adapter" : "an adapter, not a model"
      guard listing[other] == nil else { throw .lacks(name, "is \(kind)") }
      throw .lacks(name, "holds no \(needed)" + Self.hint(listing, of: name))
    }
    small = [config]
    for path in NeededFiles.companions(content) {
      if let file = listing[path] { small.append(file) } else { absent.append(path) }
    }
    let names = NeededFiles.weights(content)
    guard !takeWeights(names.safetensors, listing) else { return }
    // That there are no safetensors is remembered, so that files of torch are known to be all there is.
    absent += names.safetensors.names
    isTorch = true
    guard takeWeights(names.torch, listing) else {
      throw Self.noWeights(listing, names.safetensors.wholes[0], of: name)
    }
  }

  /// Chooses the weights of one format, and tells whether there are any.
  private mutating func takeWeights(_ names: NeededFiles.Weights, _ listing: Listing) -> Bool {
    if let file = names.wholes.lazy.compactMap({ listing[$0] }).first {
      weights = [file]
    } else if let index = names.index, let file = listing[index] {
      self.index = file
      small.append(file)
    } else {
      return false
    }
    return true
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

  /// A GGUF file with the other parts of its model.
  private static func gguf(
    _ path: String, _ listing: Listing, of name: HubName
  ) throws(HubError) -> [RemoteFile] {
    let parts = HubFile.parts(of: path)
    let missing = parts.filter { listing[$0] == nil }
    guard missing.isEmpty else {
      guard missing.contains(path) || missing.count == parts.count else {
        throw .lacks(
          name, "lacks \(missing.joined(separator: ", ")) of the \(parts.count) parts of \(path)")
      }
      let others = ggufFiles(listing)
      throw .lacks(
        name,
        "holds no file \(path); "
          + (others.isEmpty
            ? "it has no GGUF files at all"
            : "its GGUF files are \(others.joined(separator: ", "))"))
    }
    return parts.compactMap { listing[$0] }
  }

  /// The GGUF files of a repository, of a split model the first part.
  private static func ggufFiles(_ listing: Listing) -> [String] {
    listing.files.map(\.path)
      .filter { HubFile.isGGUF($0) && HubFile.parts(of: $0).first == $0 }.sorted()
  }

  /// How to name a GGUF file of a repository that is no model's folder.
  private static func hint(_ listing: Listing, of name: HubName) -> String {
    guard let file = ggufFiles(listing).first else { return "" }
    return ": to use a GGUF file of it, give the file, such as \(HubFile(name, file))"
  }

  private static func noWeights(_ listing: Listing, _ wanted: String, of name: HubName) -> HubError
  {
    let hint = hint(listing, of: name)
    if !hint.isEmpty { return .lacks(name, "holds no \(wanted)" + hint) }
    if let other = listing.files.map(\.path).filter(NeededFiles.isForeignWeights).min() {
      return .pickled(name, other)
    }
    return .lacks(name, "holds no \(wanted)")
  }
}
