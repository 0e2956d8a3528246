import Foundation
import Synchronization

/// Whether the user asked to stop, by Ctrl-C or SIGTERM; the step at hand is finished first.
enum Interruption {
  private static let flag = Atomic<Bool>(false)

  /// Watches for the signals from now on; a second one ends the process at once.
  static func watch() {
    // A process inherits what the thread that started it had blocked.
    var watched = sigset_t()
    sigemptyset(&watched)
    for number in [SIGINT, SIGTERM] {
      sigaddset(&watched, number)
      signal(number) { number in
        if Interruption.flag.exchange(true, ordering: .relaxed) { _exit(130) }
        signal(number, SIG_DFL)
      }
    }
    pthread_sigmask(SIG_UNBLOCK, &watched, nil)
  }

  /// Watches for the signals during a piece of work, after which they mean what they did before unless one came.
  static func whileWatching<Result>(_ work: () throws -> Result) rethrows -> Result {
    var before = (sigaction(), sigaction())
    sigaction(SIGINT, nil, &before.0)
    sigaction(SIGTERM, nil, &before.1)
    watch()
    defer {
      if !isRequested {
        sigaction(SIGINT, &before.0, nil)
        sigaction(SIGTERM, &before.1, nil)
      }
    }
    return try work()
  }

  /// Whether a signal came.
  static var isRequested: Bool { flag.load(ordering: .relaxed) }
}
