import Foundation
import Synchronization

/// Whether the user asked to stop, by Ctrl-C or SIGTERM, or a scheduler by SIGUSR1; the step at hand is finished first.
enum Interruption {
  private static let flag = Atomic<Bool>(false)
  private static let isPatient = Atomic<Bool>(false)
  private static let isTerminated = Atomic<Bool>(false)

  /// Watches for the signals from now on; a second one ends the process at once, unless a launcher sends them, which sends
  /// each to the process and to its group, and kills who takes too long.
  static func watch() {
    isPatient.store(Processes.launch != nil, ordering: .relaxed)
    // A process inherits what the thread that started it had blocked.
    var watched = sigset_t()
    sigemptyset(&watched)
    // Schedulers announce the end of a job's time by SIGUSR1, where they are asked to; launchers pass it on.
    for number in [SIGINT, SIGTERM] + (Processes.launch == nil ? [] : [SIGUSR1]) {
      sigaddset(&watched, number)
      signal(number) { number in
        if number == SIGTERM { Interruption.isTerminated.store(true, ordering: .relaxed) }
        let isSecond = Interruption.flag.exchange(true, ordering: .relaxed)
        guard !Interruption.isPatient.load(ordering: .relaxed) else { return }
        if isSecond { _exit(130) }
        signal(number, SIG_DFL)
      }
    }
    pthread_sigmask(SIG_UNBLOCK, &watched, nil)
  }

  /// Whether somebody ends the process, and will not wait for others.
  static var isUrgent: Bool { isTerminated.load(ordering: .relaxed) }

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
