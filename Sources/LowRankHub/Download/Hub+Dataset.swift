import Foundation

/// Files of a data set, and what else follows from the choice of them.
public struct DatasetFiles<Choice: Sendable>: Sendable {
  /// The paths of the files to fetch.
  public let paths: [String]
  /// What the caller has decided besides.
  public let choice: Choice

  /// Creates a choice of files.
  public init(_ paths: [String], _ choice: Choice) {
    self.paths = paths
    self.choice = choice
  }
}

extension Hub {
  /// Chooses the files to fetch, given the paths of all files and the card, if the data set has one.
  public typealias DatasetChooser<Choice: Sendable> =
    @Sendable (_ paths: [String], _ card: URL?) throws -> DatasetFiles<Choice>

  /// The files of a data set that are chosen from its list, fetched if they are not here.
  ///
  /// The card, `README.md`, is fetched first. Nothing is requested if everything is here and cannot have changed, or if
  /// the settings forbid it.
  ///
  /// - Parameter report: told of the progress, from any thread.
  /// - Throws: `HubError`; what the choice throws; `FileError` and others about the cache; `CancellationError`.
  public func dataset<Choice: Sendable>(
    of name: HubName, choosing choose: @escaping DatasetChooser<Choice>,
    reporting report: @escaping @Sendable (HubEvent) -> Void = { _ in }
  ) async throws -> (snapshot: HubSnapshot, choice: Choice) {
    precondition(name.kind == .dataset, "\(name) is no data set")
    let cached = CachedRepository(name, in: settings.cache)
    let known = cached.commit(of: name)
    if settings.isOffline {
      guard let known else { throw HubError.offline(name, missing: [], in: settings.cache) }
      return try cachedDataset(name, known, cached, choose)
    }
    if name.isCommit, cached.remembersListing(name.revision),
      let found = try? cachedDataset(name, name.revision, cached, choose)
    {
      return found
    }
    let tally = DownloadCount(report)
    return try await HubClient.lent(settings) { client in
      let kept = known.flatMap { try? cachedDataset(name, $0, cached, choose) }
      let listing: Listing
      do {
        listing = try await client.listing(of: name, tries: kept == nil)
      } catch let error as HubError {
        guard error.leavesCache, let kept else { throw error }
        tally.note(
          "\(error); \(name) is used as it was fetched before, commit \(kept.snapshot.commit.prefix(12))"
        )
        return kept
      }
      return try await fetch(listing, name, client, cached, tally, choose)
    }
  }

  private func fetch<Choice: Sendable>(
    _ listing: Listing, _ name: HubName, _ client: HubClient, _ cached: CachedRepository,
    _ tally: DownloadCount, _ choose: DatasetChooser<Choice>
  ) async throws -> (snapshot: HubSnapshot, choice: Choice) {
    if let id = listing.id, id != name.id { tally.note("\(name.id) is called \(id) today") }
    let commit = listing.commit
    let card = listing[Self.card]
    if let card { try await fetch([card], of: name, commit, client, cached, tally) }
    let paths = listing.files.map(\.path)
    let chosen = try choose(
      paths, card.map { _ in URL(filePath: cached.pointer(Self.card, commit)) })
    let files = try chosen.paths.map { path in
      guard let file = listing[path] else { throw HubError.lacks(name, "has no file \(path)") }
      return file
    }
    try await fetch(files, of: name, commit, client, cached, tally)
    // A cache that may not be written to is as good as another if everything is here.
    do {
      try cached.rememberListing(paths, commit)
      try cached.remember(commit, as: name)
    } catch  where tally.received == 0 {}
    return (snapshot(name, commit, cached, received: tally.received), chosen.choice)
  }

  /// The chosen files of a commit, all of which are here.
  private func cachedDataset<Choice: Sendable>(
    _ name: HubName, _ commit: String, _ cached: CachedRepository, _ choose: DatasetChooser<Choice>
  ) throws -> (snapshot: HubSnapshot, choice: Choice) {
    let snapshot = snapshot(name, commit, cached)
    let paths = cached.rememberedListing(commit) ?? snapshot.files
    let hasCard = paths.contains(Self.card)
    guard !paths.isEmpty, !hasCard || cached.has(Self.card, commit) else {
      throw HubError.offline(name, missing: hasCard ? [Self.card] : [], in: settings.cache)
    }
    let chosen = try choose(
      paths, hasCard ? URL(filePath: cached.pointer(Self.card, commit)) : nil)
    let missing = chosen.paths.filter { !cached.has($0, commit) }
    guard missing.isEmpty else {
      throw HubError.offline(name, missing: missing, in: settings.cache)
    }
    return (snapshot, chosen.choice)
  }

  /// The file that describes a data set and may declare its splits.
  private static var card: String { "README.md" }
}

extension CachedRepository {
  /// Whether the files of a commit are listed here.
  func remembersListing(_ commit: String) -> Bool { Self.size(listing(commit)) != nil }

  /// The paths of all files of a commit; nil if they are not listed here, as after a download by Python.
  func rememberedListing(_ commit: String) -> [String]? {
    guard let data = FileManager.default.contents(atPath: listing(commit)) else { return nil }
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
