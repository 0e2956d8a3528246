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
    var entries: [String: Entry] = [:]
    /// Names of the folder that were unloaded; they come back when they are loaded by name.
    var forgotten: Set<String> = []
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
  private let bases: ServedBases
  private let worker = SerialWorker(name: "lowrank adapters")
  private let state = Mutex(State())
  /// Told of versions that left memory.
  private let retired = Mutex<(@Sendable (AdapterVersion) -> Void)?>(nil)

  package init(_ bases: ServedBases, _ rules: Rules) { (self.bases, self.rules) = (bases, rules) }

  /// Calls a function with each version that leaves memory from now on.
  package func onRetirement(_ tell: @escaping @Sendable (AdapterVersion) -> Void) {
    retired.withLock { $0 = tell }
  }

  /// Ends the thread that loads.
  package func stop() { worker.stop() }

  /// Names an adapter, which is loaded later.
  package func register(_ name: String, at place: URL) {
    state.withLock { state in
      if state.entries[name] == nil {
        state.entries[name] = Entry(id: state.nextID, place: place, created: Date())
        state.nextID += 1
      }
    }
  }

  /// The adapters with their numbers: those that were named, and those that the folder holds now.
  package func list() -> [(id: Int, name: String, created: Date, isLoaded: Bool)] {
    let forgotten = state.withLock { $0.forgotten }
    for name in namesInFolder() where !forgotten.contains(name) {
      register(name, at: inFolder(name) ?? URL(filePath: "/"))
    }
    return state.withLock { state in
      state.entries.map { ($0.value.id, $0.key, $0.value.created, $0.value.current != nil) }
        .sorted { $0.0 < $1.0 }
    }
  }

  /// Whether there is an adapter of a name, loaded or not.
  package func contains(_ name: String) -> Bool {
    if state.withLock({ $0.entries[name] != nil }) { return true }
    guard let place = inFolder(name), Self.isAdapter(place),
      !state.withLock({ $0.forgotten.contains(name) })
    else { return false }
    register(name, at: place)
    return true
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
  /// - Throws: ``ServingError``.
  package func lease(_ name: String) async throws -> AdapterLease {
    guard contains(name) else { throw ServingError.unknownAdapter(name) }
    let end = ContinuousClock.now + rules.wait
    while true {
      if let lease = leaseLoaded(name) { return lease }
      do {
        try await worker.result { try self.load(name, isReload: false) }
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
    state.withLock { _ = $0.forgotten.remove(name) }
    let isKnown = contains(name)
    if isKnown, !replacing { return }
    let before = state.withLock { state in
      defer { state.entries[name]?.place = place }
      return state.entries[name]?.place
    }
    register(name, at: place)
    do {
      try await worker.result { try self.load(name, isReload: true) }
    } catch {
      state.withLock { state in
        if isKnown, let before {
          state.entries[name]?.place = before
        } else {
          state.entries[name] = nil
        }
      }
      throw error
    }
  }

  /// Forgets an adapter; requests in progress keep their version.
  ///
  /// - Throws: ``ServingError/unknownAdapter(_:)``.
  package func unload(_ name: String) throws {
    let entry = state.withLock { state in
      state.forgotten.insert(name)
      return state.entries.removeValue(forKey: name)
    }
    guard let entry else { throw ServingError.unknownAdapter(name) }
    if let version = entry.current { retireIfUnused(version) }
  }

  /// The folder of a name, if a name it is and the library has a folder; the folder need not exist.
  package func inFolder(_ name: String) -> URL? {
    guard let folder = rules.folder, Self.isPlain(name) else { return nil }
    return folder.appending(path: name)
  }

  /// Whether a text can be the name of a folder and leads nowhere else.
  package static func isPlain(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 255 && !name.hasPrefix(".")
      && name.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") }
  }

  private static func isAdapter(_ place: URL) -> Bool {
    ["adapter_config.json", "adapters.safetensors"].contains {
      FileManager.default.fileExists(atPath: place.appending(path: $0).path)
    }
  }

  private func namesInFolder() -> [String] {
    guard let folder = rules.folder else { return [] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().filter { name in inFolder(name).map(Self.isAdapter) ?? false }
  }

  private func leaseLoaded(_ name: String) -> AdapterLease? {
    state.withLock { state in
      guard let version = state.entries[name]?.current else { return nil }
      state.clock += 1
      state.entries[name]?.lastUse = state.clock
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
        state.entries[version.name]?.current !== version,
        state.versions.removeValue(forKey: version.passName) != nil
      else { return false }
      state.users[version.passName] = nil
      state.bytes -= version.byteCount
      return true
    }
    if isGone { retired.withLock { $0 }?(version) }
  }

  /// Loads an adapter on the thread of the worker.
  private func load(_ name: String, isReload: Bool) throws {
    let (place, isLoaded, generation) = state.withLock { state in
      state.nextGeneration += 1
      return (
        state.entries[name]?.place, state.entries[name]?.current != nil, state.nextGeneration
      )
    }
    guard let place else { throw ServingError.unknownAdapter(name) }
    guard isReload || !isLoaded else { return }
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
    try makeRoom(for: version)
    let earlier = state.withLock { state -> AdapterVersion? in
      let earlier = state.entries[name]?.current
      state.entries[name]?.current = version
      state.versions[version.passName] = version
      state.bytes += version.byteCount
      state.clock += 1
      state.entries[name]?.lastUse = state.clock
      state.counts.loads += 1
      return earlier
    }
    if let earlier { retireIfUnused(earlier) }
  }

  /// Drops versions that nobody uses until another one fits.
  private func makeRoom(for version: AdapterVersion) throws {
    guard version.byteCount <= rules.budget else {
      throw ServingError.adapterTooLarge(version.name)
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

  /// What is wrong with files, without the paths of this machine.
  static func reason(_ error: any Error, _ name: String, _ place: URL) -> String {
    let words = "\(error)".split(separator: " ", omittingEmptySubsequences: false)
    let text = words.map { word in
      guard word.contains("/"), word.hasPrefix("/") || word.hasPrefix(".") || word.hasPrefix("~")
      else { return String(word) }
      let last = word.split(separator: "/").last.map(String.init) ?? ""
      return last.hasPrefix(".lowrank-serve-") ? "'\(name)'" + suffix(of: last) : last
    }.joined(separator: " ")
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  private static func suffix(of word: String) -> String {
    word.last.map { ":;,".contains($0) ? String($0) : "" } ?? ""
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
