import CCurl
import Foundation

/// libcurl's connections for successive transfers, kept open in between.
final class CurlSession: Sendable {
  nonisolated(unsafe) private let multi: UnsafeMutableRawPointer

  /// Initializes libcurl once for the process.
  private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  /// Creates a session without connections; nil if there is no memory for one.
  init?() {
    guard Self.isReady, let multi = curl_multi_init() else { return nil }
    self.multi = multi
  }

  deinit { curl_multi_cleanup(multi) }

  /// Interrupts the wait of the thread that runs the transfer; may be called from any thread.
  func wake() { curl_multi_wakeup(multi) }

  /// Runs a transfer to its end, or until it is stopped.
  ///
  /// - Parameter limit: Called after every step; returns the seconds until it must be called again, or nil to stop.
  /// - Returns: libcurl's result, or nil if the transfer was stopped.
  func move(_ easy: UnsafeMutableRawPointer, until limit: () -> Double?) -> CURLcode? {
    Self.blockBrokenPipes()
    guard curl_multi_add_handle(multi, easy) == CURLM_OK else { return CURLE_FAILED_INIT }
    defer { curl_multi_remove_handle(multi, easy) }
    while true {
      var (running, left): (Int32, Int32) = (0, 0)
      guard curl_multi_perform(multi, &running) == CURLM_OK else { return CURLE_FAILED_INIT }
      while let message = curl_multi_info_read(multi, &left) {
        if message.pointee.msg == CURLMSG_DONE { return message.pointee.data.result }
      }
      guard let seconds = limit() else { return nil }
      let milliseconds = Int32((min(max(seconds, 0), 60) * 1000).rounded(.up))
      curl_multi_poll(multi, nil, 0, milliseconds, nil)
    }
  }

  /// Blocks SIGPIPE on this thread, so that a lost connection is an error and does not end the program.
  private static func blockBrokenPipes() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }
}
