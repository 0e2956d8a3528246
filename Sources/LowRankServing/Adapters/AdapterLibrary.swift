import Foundation
import LowRank
import Synchronization

/// The adapters that are served: where they lie, which of them are loaded, and who uses them.
///
/// An adapter is loaded when it is first asked for. Where the loaded ones take more than the budget, those that nobody uses
/// are dropped, the longest unused first.
package final class AdapterLibrary: Sendable {
  /// The rules of a library.
  package struct Rules: Sendable {
    /// The bytes that loaded adapters may take together.
    package var budget: Int
    /// The folder whose folders are adapters, each under its name.
    package var folder: URL?
    /// The checks of loading that do not refuse an adapter.
    package var allowed: Set<LoadCheck> = []
    /// The name of the base, which no folder is served under.
    package var baseName = ""
    /// How long a request waits for room.
    package var wait: Duration = .seconds(30)

    /// Rules with a budget.
    package init(budget: Int, folder: URL? = nil, allowed: Set<LoadCheck> = []) {
      (self.budget, self.folder, self.allowed) = (budget, folder, allowed)
    }
  }

  private struct Entry {
    let id: Int
    var place: URL
    var current: AdapterVersion?
    var created: Date
    var lastUse = 0
  }

  private struct State {
    /// By name, byte by byte: two folders may have names that are canonically equal.
    var entries: [ExactText: Entry] = [:]
    /// Names of the folder that were unloaded; they come back when they are loaded by name.
    var forgotten: Set<ExactText> = []
    /// How many leases each version has, by its name in passes.
    var users: [AdapterName: Int] = [:]
    var versions: [AdapterName: AdapterVersion] = [:]
    var bytes = 0
    var nextID = 0
    var nextGeneration = 0
    var clock = 0
    var counts = AdapterCounts()
  }

  private let rules: Rules
  private let folderOfAdapters: FolderOfAdapters
  private let bases: ServedBases
  private let worker = SerialWorker(name: "lowrank adapters")
  private let state = Mutex(State())
  /// Told of versions that left memory.
  private let retired = Mutex<(@Sendable (AdapterVersion) -> Void)?>(nil)

  package init(_ bases: ServedBases, _ rules: Rules) {
    (self.bases, self.rules) = (bases, rules)
    folderOfAdapters = FolderOfAdapters(url: rules.folder, baseName: rules.baseName)
  }

  /// Calls a function with each version that leaves memory from now on.
  package func onRetirement(_ tell: @escaping @Sendable (AdapterVersion) -> Void) {
    retired.withLock { $0 = tell }
  }

  /// Ends the thread that loads.
  package func stop() { worker.stop() }

  /// Names an adapter, which is loaded later.
  package func register(_ name: String, at place: URL) {
    state.withLock { state in
      if state.entries[ExactText(name)] == nil {
        state.entries[ExactText(name)] = Entry(id: state.nextID, place: place, created: Date())
        state.nextID += 1
      }
    }
  }

  /// The adapters with their numbers: those that were named, and those that the folder holds now.
  package func list() -> [(id: Int, name: String, created: Date, isLoaded: Bool)] {
    let forgotten = state.withLock { $0.forgotten }
    for name in folderOfAdapters.names where !forgotten.contains(ExactText(name)) {
      if let place = inFolder(name) { register(name, at: place) }
    }
    for name in state.withLock({ Array($0.entries.keys) }) { forgetIfGone(name.string) }
    return state.withLock { state in
      state.entries.map { ($0.value.id, $0.key.string, $0.value.created, $0.value.current != nil) }
        .sorted { $0.0 < $1.0 }
    }
  }

  /// Whether there is an adapter of a name, loaded or not.
  package func contains(_ name: String) -> Bool {
    forgetIfGone(name)
    if state.withLock({ $0.entries[ExactText(name)] != nil }) { return true }
    guard let place = inFolder(name), folderOfAdapters.holds(name),
      !state.withLock({ $0.forgotten.contains(ExactText(name)) })
    else { return false }
    register(name, at: place)
    return true
  }

  /// Forgets an adapter of the folder that is not loaded and whose folder is there no more.
  private func forgetIfGone(_ name: String) {
    guard let place = inFolder(name), !folderOfAdapters.holds(name) else { return }
    state.withLock { state in
      guard let entry = state.entries[ExactText(name)], entry.place == place, entry.current == nil
      else { return }
      state.entries[ExactText(name)] = nil
    }
  }

  /// The folder whose folders are adapters.
  package var folder: URL? { rules.folder }

  /// Counts for metrics.
  package var counts: AdapterCounts {
    state.withLock { state in
      var counts = state.counts
      counts.registered = state.entries.count
      counts.loaded = state.entries.values.count { $0.current != nil }
      counts.bytes = state.bytes
      return counts
    }
  }

  /// The adapter of a name as it is now, loaded if it has to be.
  ///
  /// - Parameter held: leases that the same request has already, so that waiting does not free their memory.
  /// - Throws: ``ServingError``.
  package func lease(
    _ name: String, beside held: [AdapterLease] = []
  ) async throws -> AdapterLease {
    guard contains(name) else { throw ServingError.unknownAdapter(name) }
    let end = ContinuousClock.now + rules.wait
    while true {
      if let lease = leaseLoaded(name) { return lease }
      do {
        try await worker.result { try self.load(name, isReload: false, beside: held) }
        if let lease = leaseLoaded(name) { return lease }
        // It was dropped, or unloaded, in between.
        guard contains(name) else { throw ServingError.unknownAdapter(name) }
      } catch ServingError.noRoomForAdapter where ContinuousClock.now < end {
        try await Task.sleep(for: .milliseconds(20))
      }
    }
  }

  /// Names an adapter in the folder, or loads it anew if its name is known; requests in progress keep their version.
  ///
  /// - Throws: ``ServingError``.
  package func load(_ name: String, at place: URL, replacing: Bool) async throws {
    state.withLock { _ = $0.forgotten.remove(ExactText(name)) }
    let isKnown = contains(name)
    if isKnown, !replacing { return }
    let before = state.withLock { state in
      defer { state.entries[ExactText(name)]?.place = place }
      return state.entries[ExactText(name)]?.place
    }
    register(name, at: place)
    do {
      try await worker.result { try self.load(name, isReload: true) }
    } catch {
      state.withLock { state in
        if isKnown, let before {
          state.entries[ExactText(name)]?.place = before
        } else {
          state.entries[ExactText(name)] = nil
        }
      }
      throw error
    }
  }

  /// Forgets an adapter; requests in progress keep their version.
  ///
  /// - Throws: ``ServingError/unknownAdapter(_:)``.
  package func unload(_ name: String) throws {
    guard contains(name) else { throw ServingError.unknownAdapter(name) }
    let entry = state.withLock { state -> Entry? in
      guard let entry = state.entries.removeValue(forKey: ExactText(name)) else { return nil }
      state.forgotten.insert(ExactText(name))
      return entry
    }
    guard let entry else { throw ServingError.unknownAdapter(name) }
    if let version = entry.current { retireIfUnused(version) }
  }

  /// The folder of a name, if a name it is and the library has a folder; the folder need not exist.
  package func inFolder(_ name: String) -> URL? { folderOfAdapters.place(of: name) }

  private func leaseLoaded(_ name: String) -> AdapterLease? {
    state.withLock { state in
      guard let version = state.entries[ExactText(name)]?.current else { return nil }
      state.clock += 1
      state.entries[ExactText(name)]?.lastUse = state.clock
      state.users[version.passName, default: 0] += 1
      return AdapterLease(version) { [weak self] in self?.release($0) }
    }
  }

  private func release(_ version: AdapterVersion) {
    let isUnused = state.withLock { state in
      state.users[version.passName, default: 1] -= 1
      return state.users[version.passName] == 0
    }
    if isUnused { retireIfUnused(version) }
  }

  /// Lets go of a version that is not current and that nobody uses.
  private func retireIfUnused(_ version: AdapterVersion) {
    let isGone = state.withLock { state in
      guard state.users[version.passName, default: 0] == 0,
        state.entries[ExactText(version.name)]?.current !== version,
        state.versions.removeValue(forKey: version.passName) != nil
      else { return false }
      state.users[version.passName] = nil
      state.bytes -= version.byteCount
      return true
    }
    if isGone { retired.withLock { $0 }?(version) }
  }

  /// Loads an adapter on the thread of the worker.
  private func load(_ name: String, isReload: Bool, beside held: [AdapterLease] = []) throws {
    let (entry, generation) = state.withLock { state in
      state.nextGeneration += 1
      return (state.entries[ExactText(name)], state.nextGeneration)
    }
    guard let place = entry?.place else { throw ServingError.unknownAdapter(name) }
    guard isReload || entry?.current == nil else { return }
    let version: AdapterVersion
    do {
      let source = try AdapterSource(copying: place)
      let content = try AdapterContent.hash(of: source.place)
      let folder = try AdapterFolder(at: source.place, model: bases.model.folder?.url)
      let base = try bases.base(for: folder.head)
      let adapter = try Adapter(
        from: source.place, on: base, name: AdapterName("\(name)#\(generation)"),
        allowing: rules.allowed)
      version = try AdapterVersion(
        adapter, as: name, content: content, folder: source.place, on: base)
    } catch {
      throw ServingError.brokenAdapter(name: name, reason: Self.reason(error, name, place))
    }
    try makeRoom(for: version, beside: held)
    let earlier = state.withLock { state -> AdapterVersion? in
      // It may have been unloaded in between.
      guard state.entries[ExactText(name)] != nil else { return nil }
      let earlier = state.entries[ExactText(name)]?.current
      state.entries[ExactText(name)]?.current = version
      state.versions[version.passName] = version
      state.bytes += version.byteCount
      state.clock += 1
      state.entries[ExactText(name)]?.lastUse = state.clock
      state.counts.loads += 1
      return earlier
    }
    if let earlier { retireIfUnused(earlier) }
  }

  /// Drops versions that nobody uses until another one fits.
  private func makeRoom(for version: AdapterVersion, beside held: [AdapterLease]) throws {
    guard version.byteCount <= rules.budget else {
      throw ServingError.adapterTooLarge(version.name)
    }
    guard held.reduce(version.byteCount, { $0 + $1.version.byteCount }) <= rules.budget else {
      throw ServingError.mixtureTooLarge
    }
    while true {
      let dropped = state.withLock { state -> AdapterVersion? in
        guard state.bytes + version.byteCount > rules.budget else { return nil }
        let idle = state.entries.filter { _, entry in
          entry.current.map { state.users[$0.passName, default: 0] == 0 } ?? false
        }
        guard let name = idle.min(by: { $0.value.lastUse < $1.value.lastUse })?.key else {
          return nil
        }
        defer { state.entries[name]?.current = nil }
        state.counts.evictions += 1
        return state.entries[name]?.current
      }
      guard let dropped else { break }
      retireIfUnused(dropped)
    }
    guard state.withLock({ $0.bytes + version.byteCount <= rules.budget }) else {
      throw ServingError.noRoomForAdapter(version.name)
    }
  }
}

/// What a library counted.
package struct AdapterCounts: Hashable, Sendable {
  package var registered = 0
  package var loaded = 0
  package var bytes = 0
  package var loads = 0
  package var evictions = 0
}
