import Foundation

/// A hub of models and adapters, and the folder where what was fetched from it is kept.
public struct Hub: Sendable {
  /// Where both are.
  public let settings: HubSettings

  /// The most files that are fetched at once.
  private static let width = 4

  /// The hub and the cache of these settings.
  public init(_ settings: HubSettings) { self.settings = settings }

  /// The folder with the files of a revision, fetched where they are not here.
  ///
  /// Nothing is asked for where everything is here and cannot have changed, or where the settings forbid it.
  /// An interrupted download continues.
  ///
  /// - Parameter report: told of the progress, from any thread.
  /// - Throws: `HubError`; `FileError` and others about the cache; `CancellationError`.
  public func snapshot(
    of name: HubName, _ content: HubContent,
    reporting report: @escaping @Sendable (HubEvent) -> Void = { _ in }
  ) async throws -> HubSnapshot {
    let cached = CachedRepository(name, in: settings.cache)
    let known = cached.commit(of: name)
    let finding = known.map { cached.find(content, $0) }
    if settings.isOffline {
      guard let known, finding?.isUsable == true else {
        throw HubError.offline(name, missing: finding?.missing ?? [], in: settings.cache)
      }
      return snapshot(name, known, cached)
    }
    if name.isCommit, let known, case .complete = finding { return snapshot(name, known, cached) }
    let tally = DownloadCount(report)
    return try await HubClient.lent(settings) { client in
      let listing: Listing
      do {
        listing = try await client.listing(of: name, tries: finding?.isUsable != true)
      } catch let error as HubError {
        guard error.leavesCache, let known, finding?.isUsable == true else { throw error }
        tally.note("\(error); \(name) is used as it was fetched before, commit \(known.prefix(12))")
        return snapshot(name, known, cached)
      }
      try await fetch(listing, name, content, client, cached, tally)
      return snapshot(name, listing.commit, cached, received: tally.received)
    }
  }

  private func fetch(
    _ listing: Listing, _ name: HubName, _ content: HubContent, _ client: HubClient,
    _ cached: CachedRepository, _ tally: DownloadCount
  ) async throws {
    if let id = listing.id, id != name.id { tally.note("\(name.id) is called \(id) today") }
    let commit = listing.commit
    var selection = try Selection(listing, content, of: name)
    func fetch(_ files: [RemoteFile]) async throws {
      try await self.fetch(files, of: name, commit, client, cached, tally)
    }
    if !missing(selection.small + selection.weights, commit, cached).isEmpty {
      try cached.prepare()
      if selection.isTorch {
        tally.note(
          "\(name.id) holds no safetensors: its file of torch is fetched, which is read as data and runs nothing"
        )
      }
    }
    try DiskSpace.check(missing(selection.small + selection.weights, commit, cached), into: cached)
    try await fetch(selection.small)
    // Where everything is here, a cache that may not be written to is as good as another.
    for path in selection.absent { try? cached.rememberAbsence(of: path, commit) }
    if let index = selection.index {
      try selection.readIndex(at: cached.pointer(index.path, commit), listing, of: name)
    }
    // The weights come last: where they are here, everything is.
    try await fetch(selection.weights)
    do { try cached.remember(commit, as: name) } catch  where tally.received == 0 {}
  }

  /// Fetches the files of a commit that are not here.
  func fetch(
    _ files: [RemoteFile], of name: HubName, _ commit: String, _ client: HubClient,
    _ cached: CachedRepository, _ tally: DownloadCount
  ) async throws {
    let files = missing(files, commit, cached)
    guard !files.isEmpty else { return }
    try cached.prepare()
    tally.expect(files)
    try DiskSpace.check(files, into: cached)
    try await Self.atOnce(
      files.map {
        FileDownload(
          file: $0, name: name, commit: commit, client: client, cached: cached, tally: tally)
      })
  }

  private func missing(
    _ files: [RemoteFile], _ commit: String, _ cached: CachedRepository
  ) -> [RemoteFile] {
    files.filter { CachedRepository.size(cached.pointer($0.path, commit)) != $0.size }
  }

  /// Runs downloads, some at once; the first that fails ends the others.
  private static func atOnce(_ downloads: [FileDownload]) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (position, download) in downloads.enumerated() {
        if position >= width { try await group.next() }
        group.addTask { try await download.run() }
      }
      try await group.waitForAll()
    }
  }

  func snapshot(
    _ name: HubName, _ commit: String, _ cached: CachedRepository, received: Int = 0
  ) -> HubSnapshot {
    HubSnapshot(
      name: name, commit: commit,
      folder: URL(filePath: cached.snapshot(commit), directoryHint: .isDirectory),
      bytesReceived: received)
  }
}
