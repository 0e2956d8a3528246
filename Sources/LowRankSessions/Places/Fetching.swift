import Foundation
import LowRank
import LowRankHub
import Synchronization

/// Fetching from the hub, as people see it.
package enum Fetching {
  /// The folder of a name's files, fetched where they are not here, with the progress on standard error.
  ///
  /// - Throws: `HubError`; `Interrupted` where the user stopped it.
  package static func snapshot(
    of name: HubName, _ content: HubContent, _ settings: HubSettings
  ) throws -> HubSnapshot {
    try following(name) { report in
      try await Hub(settings).snapshot(of: name, content, reporting: report)
    }
  }

  /// Does work that fetches files of a name, with the progress on standard error.
  ///
  /// - Throws: what the work throws; `Interrupted` where the user stopped it.
  package static func following<Result: Sendable>(
    _ name: HubName,
    _ body: @escaping @Sendable (@escaping @Sendable (HubEvent) -> Void) async throws -> Result
  ) throws -> Result {
    let surroundings = Surroundings.current
    let work = Work("fetching \(name)", .bytes)
    defer { work.end() }
    let last = Mutex<HubProgress?>(nil)
    do {
      let result = try AsyncWork.result {
        try await body { event in
          switch event {
          case .note(let text):
            surroundings.hear(Remark(kind: .note, text: KeyedText(text), isImportant: false))
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
        Remarks.say(
          "\(name): \(progress.files) files, \(HubError.text(progress.bytesReceived)) fetched in "
            + "\(clock(seconds)), \(rate)/s")
      }
      return result
    } catch {
      if error is Interrupted {
        Remarks.insist("stopped; the received part of \(name) is kept")
      }
      throw error
    }
  }
}

/// Seconds as hours, minutes and seconds.
private func clock(_ seconds: Double) -> String {
  let whole = Int(seconds.rounded())
  return String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
}
