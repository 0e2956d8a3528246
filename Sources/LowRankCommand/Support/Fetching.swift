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
    let work = Work("fetching \(name)", .bytes)
    defer { work.end() }
    let last = Mutex<HubProgress?>(nil)
    do {
      let snapshot = try AsyncWork.result {
        try await Hub(settings).snapshot(of: name, content) { event in
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
      return snapshot
    } catch {
      if error is Interrupted {
        Console.insist("stopped; what was fetched of \(name) is kept for the next time")
      }
      throw error
    }
  }
}
