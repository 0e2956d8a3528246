import Foundation

/// What is known of the terminal behind standard output or standard error.
package enum Terminal {
  /// The number of columns that a line may fill; nil if nobody watches on a terminal.
  ///
  /// `COLUMNS` takes precedence over the size of the terminal. The size is read again each time, so it follows a window that
  /// is resized.
  package static func columns(of descriptor: Int32) -> Int? {
    guard isatty(descriptor) == 1 else { return nil }
    if let columns = Int(variable("COLUMNS")), columns > 0 { return columns }
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// The width that results are laid out for; nil to lay them out in full, as for a file or a pipe.
  package static var resultColumns: Int? { columns(of: STDOUT_FILENO) }

  /// Whether a terminal shows what is written, and understands sequences that move its cursor.
  package static func isCapable(_ descriptor: Int32) -> Bool {
    isatty(descriptor) == 1 && variable("TERM") != "dumb"
  }

  /// Whether text has colors: as `--color` says, by default where a capable terminal shows it and `NO_COLOR` is unset
  /// (no-color.org).
  package static func hasColours(_ descriptor: Int32) -> Bool {
    switch ColorChoice.current {
    case .always: true
    case .never: false
    case .auto: isCapable(descriptor) && variable("NO_COLOR").isEmpty
    }
  }

  /// The value of an environment variable; empty if it is not set.
  package static func variable(_ name: String) -> String {
    ProcessInfo.processInfo.environment[name] ?? ""
  }
}
