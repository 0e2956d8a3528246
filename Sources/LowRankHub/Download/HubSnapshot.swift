import Foundation

extension Hub {
  /// The folder with the files of a revision as far as they are here; nothing is asked for.
  public func cachedFolder(of name: HubName) -> URL? {
    let cached = CachedRepository(name, in: settings.cache)
    return cached.commit(of: name).map {
      URL(filePath: cached.snapshot($0), directoryHint: .isDirectory)
    }
  }
}

/// The files of a commit in the cache.
public struct HubSnapshot: Hashable, Sendable {
  /// What was asked for.
  public let name: HubName
  /// The commit that it means.
  public let commit: String
  /// The folder with its files under their own names.
  public let folder: URL
  /// The bytes that had to be fetched.
  public let bytesReceived: Int

  /// The names of the files that are here, in order.
  public var files: [String] {
    let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String }
    return (names ?? []).filter { name in
      CachedRepository.size(folder.appending(path: name).path) != nil
    }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
