import Foundation

/// Writing to standard output and standard error by the system's own calls.
enum StandardStreams {
  /// Writes text to standard error as it is; ``StatusLine`` orders the callers.
  static func raw(_ text: String) {
    // Nobody is left to be told when standard error itself is closed.
    _ = put(text, to: STDERR_FILENO)
  }

  /// Writes all of a text; returns 0 or `errno`.
  static func put(_ text: String, to descriptor: Int32) -> Int32 {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written >= 0 {
        rest = rest.dropFirst(written)
      } else if errno == EAGAIN {
        // Another process may have made the pipe non-blocking.
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&ready, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }
}
