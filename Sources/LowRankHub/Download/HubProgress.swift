import Synchronization

/// What a download tells while it works.
public enum HubEvent: Sendable {
  /// How far it is.
  case progress(HubProgress)
  /// Something that people should know.
  case note(String)
}

/// How far a download is.
public struct HubProgress: Hashable, Sendable {
  /// The files to fetch.
  public let files: Int
  /// Those of them that are here.
  public let filesDone: Int
  /// The bytes of these files.
  public let bytes: Int
  /// Those of them that are here, also from an earlier try.
  public let bytesDone: Int
  /// The bytes that came in this try.
  public let bytesReceived: Int
}

/// Counts what several downloads at once have done, and tells it.
final class DownloadCount: Sendable {
  private struct State {
    var (files, filesDone, bytes, bytesDone, received) = (0, 0, 0, 0, 0)
  }

  private let state = Mutex(State())
  private let report: @Sendable (HubEvent) -> Void

  init(_ report: @escaping @Sendable (HubEvent) -> Void) { self.report = report }

  /// All bytes that came.
  var received: Int { state.withLock { $0.received } }

  func note(_ text: String) { report(.note(text)) }

  /// Files to fetch were found.
  func expect(_ files: [RemoteFile]) {
    change {
      $0.files += files.count
      $0.bytes += files.reduce(0) { $0 + $1.size }
    }
  }

  /// Bytes are here, by this try or an earlier one; a negative number where they were thrown away.
  func advance(_ bytes: Int, received: Bool) {
    change {
      $0.bytesDone += bytes
      if received { $0.received += bytes }
    }
  }

  func finishFile() { change { $0.filesDone += 1 } }

  private func change(_ body: (inout State) -> Void) {
    let progress = state.withLock { state in
      body(&state)
      return HubProgress(
        files: state.files, filesDone: state.filesDone, bytes: state.bytes,
        bytesDone: state.bytesDone, bytesReceived: state.received)
    }
    report(.progress(progress))
  }
}
