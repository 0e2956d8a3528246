import Foundation
import Synchronization

/// Whether the user asked to stop, by Ctrl-C or SIGTERM; the step at hand is finished first.
enum Interruption {
  private static let flag = Atomic<Bool>(false)

  /// Watches for the signals from now on; a second one ends the process at once.
  static func watch() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        if Interruption.flag.exchange(true, ordering: .relaxed) { _exit(130) }
        signal(number, SIG_DFL)
      }
    }
  }

  /// Whether a signal came.
  static var isRequested: Bool { flag.load(ordering: .relaxed) }
}
