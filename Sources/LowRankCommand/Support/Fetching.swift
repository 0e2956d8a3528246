import Foundation
import LowRank
import LowRankHub
import Synchronization

/// Fetching from the hub, as people see it.
enum Fetching {
  /// The folder of a name's files, fetched where they are not here, with the progress on standard error.
  ///
  /// - Throws: `HubError`; `Interrupted` where the user stopped it.
  static func snapshot(
    of name: HubName, _ content: HubContent, _ settings: HubSettings
  ) throws -> HubSnapshot {
    try following(name) { report in
      try await Hub(settings).snapshot(of: name, content, reporting: report)
    }
  }

  /// Does work that fetches files of a name, with the progress on standard error.
  ///
  /// - Throws: what the work throws; `Interrupted` where the user stopped it.
  static func following<Result: Sendable>(
    _ name: HubName,
    _ work: @escaping @Sendable (@escaping @Sendable (HubEvent) -> Void) async throws -> Result
  ) throws -> Result {
    let line = Mutex(FetchLine(name))
    do {
      let result = try AsyncWork.result {
        try await work { event in line.withLock { $0.show(event) } }
      }
      line.withLock { $0.finish() }
      return result
    } catch {
      line.withLock { $0.leave() }
      if error is Interrupted {
        Console.write("stopped; the received part of \(name) is kept")
      }
      throw error
    }
  }
}

/// How far a download is: one live line on a terminal, a plain line now and then elsewhere.
struct FetchLine {
  private let name: HubName
  private let start = ContinuousClock.now
  private var lastShown = ContinuousClock.now
  private var progress: HubProgress?
  private var isLineOpen = false

  init(_ name: HubName) { self.name = name }

  /// Shows an event; progress at most ten times a second on a terminal and every ten seconds elsewhere.
  mutating func show(_ event: HubEvent) {
    switch event {
    case .note(let text):
      leave()
      Console.write("note: \(text)".printable)
    case .progress(let progress):
      self.progress = progress
      let interval: Duration = Console.isTerminal ? .milliseconds(100) : .seconds(10)
      guard ContinuousClock.now - lastShown >= interval else { return }
      lastShown = .now
      let line =
        "\(name): \(progress.filesDone) of \(progress.files) files, "
        + "\(Self.size(progress.bytesDone)) of \(Self.size(progress.bytes)), \(rate(progress))"
      guard Console.isTerminal else { return Console.write(line) }
      Console.rewrite(line)
      isLineOpen = true
    }
  }

  /// Ends the live line, and says what was fetched where anything was.
  mutating func finish() {
    leave()
    guard let progress, progress.files > 0 else { return }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    Console.write(
      "\(name): \(progress.files) files, \(Self.size(progress.bytesReceived)) fetched in "
        + "\(ProgressLine.clock(seconds)), \(rate(progress))")
  }

  /// Ends the live line.
  mutating func leave() {
    if isLineOpen { Console.write("") }
    isLineOpen = false
  }

  private func rate(_ progress: HubProgress) -> String {
    let seconds = max((ContinuousClock.now - start) / .seconds(1), 1e-3)
    return "\(Self.size(Int(Double(progress.bytesReceived) / seconds)))/s"
  }

  private static func size(_ bytes: Int) -> String { HubError.text(bytes) }
}
