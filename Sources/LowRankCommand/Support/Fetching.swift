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
    _ body: @escaping @Sendable (@escaping @Sendable (HubEvent) -> Void) async throws -> Result
  ) throws -> Result {
    let work = Work("fetching \(name)", .bytes)
    defer { work.end() }
    let last = Mutex<HubProgress?>(nil)
    do {
      let result = try AsyncWork.result {
        try await body { event in
          switch event {
          case .note(let text): Console.write("note: \(text)".printable)
          case .progress(let progress):
            last.withLock { $0 = progress }
            work.update(done: progress.bytesDone, of: progress.bytes)
            work.detail = "\(progress.filesDone) of \(progress.files) files"
          }
        }
      }
      if let progress = last.withLock({ $0 }), progress.files > 0 {
        let seconds = max((ContinuousClock.now - work.start) / .seconds(1), 1e-3)
        let rate = HubError.text(Int(Double(progress.bytesReceived) / seconds))
        Console.write(
          "\(name): \(progress.files) files, \(HubError.text(progress.bytesReceived)) fetched in "
            + "\(ProgressLine.clock(seconds)), \(rate)/s")
      }
      return result
    } catch {
      if error is Interrupted {
        Console.insist("stopped; the received part of \(name) is kept")
      }
      throw error
    }
  }
}
