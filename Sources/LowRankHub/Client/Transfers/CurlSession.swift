import CCurl
import Foundation

/// libcurl's connections for one transfer after another, kept open in between.
final class CurlSession: Sendable {
  nonisolated(unsafe) private let multi: UnsafeMutableRawPointer

  /// Sets libcurl up, once for the whole process.
  private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  /// A session without connections; nil where there is no memory for one.
  init?() {
    guard Self.isReady, let multi = curl_multi_init() else { return nil }
    self.multi = multi
  }

  deinit { curl_multi_cleanup(multi) }

  /// Ends a wait of the thread that moves the transfer; from any thread.
  func wake() { curl_multi_wakeup(multi) }

  /// Moves a transfer to its end, or until it is no longer wanted.
  ///
  /// - Parameter limit: asked after every move: the seconds until it is to be asked again, or nil to stop.
  /// - Returns: How libcurl ended it; nil where it was stopped.
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

  /// Has this thread learn of a connection that is gone by an error, not by a signal that ends the program.
  private static func blockBrokenPipes() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }
}
