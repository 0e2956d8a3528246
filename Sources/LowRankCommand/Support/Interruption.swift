import Foundation
import LowRankCheckpoints
import Synchronization

/// What signals do that end a process: Ctrl-C, a closed terminal, a scheduler.
///
/// Work that can be carried on, such as a run, asks `isRequested` and ends by itself. During any other work the temporary folders
/// are removed, and the signal ends the process as it does any other program.
enum Interruption {
  private static let flag = Atomic<Bool>(false)
  private static let isPatient = Atomic<Bool>(false)
  private static let isTerminated = Atomic<Bool>(false)
  /// How much of the work at hand ends by itself when it is asked to.
  private static let watchers = Atomic<Int>(0)
  /// How many signals came that somebody sends who does not want to wait.
  private static let urges = Atomic<Int>(0)
  private static let isEnding = Atomic<Bool>(false)
  /// Where a handler, which may do next to nothing itself, leaves the signal's number.
  private static let mailbox = Atomic<Int32>(-1)

  /// SIGHUP comes when the terminal is closed, SIGXCPU at the limit of processor time, SIGUSR1 and SIGUSR2 from schedulers that
  /// announce the end of a job's time.
  private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU, SIGUSR1, SIGUSR2]

  /// Takes the signals from now on.
  static func install() {
    // A handler must not be the first to touch them.
    _ = (flag.load(ordering: .relaxed), isPatient.load(ordering: .relaxed))
    _ = (isTerminated.load(ordering: .relaxed), watchers.load(ordering: .relaxed))
    _ = (urges.load(ordering: .relaxed), isEnding.load(ordering: .relaxed))
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    mailbox.store(ends[1], ordering: .relaxed)
    let reading = ends[0]
    Thread.detachNewThread { Self.end(onSignalFrom: reading) }
    // A process inherits what the thread that started it had blocked.
    var taken = sigset_t()
    sigemptyset(&taken)
    for number in signals {
      let before = signal(number) { Interruption.receive($0) }
      // nohup ignores SIGHUP, shells SIGQUIT in the background: so does the program.
      if [SIGHUP, SIGQUIT].contains(number), unsafeBitCast(before, to: Int.self) == Self.ignored {
        signal(number, SIG_IGN)
      } else {
        sigaddset(&taken, number)
      }
    }
    pthread_sigmask(SIG_UNBLOCK, &taken, nil)
  }

  /// Lets the work from now on end by itself.
  ///
  /// A second Ctrl-C, SIGTERM or SIGQUIT ends the process at once, unless a launcher
  /// sends them, which sends each to the process and to its group, and kills who takes too long.
  static func watch() {
    isPatient.store(Processes.launch != nil, ordering: .relaxed)
    watchers.add(1, ordering: .relaxed)
  }

  /// Lets a piece of work end by itself, after which signals mean what they did before unless one came.
  static func whileWatching<Result>(_ work: () throws -> Result) rethrows -> Result {
    watch()
    defer { if !isRequested { watchers.subtract(1, ordering: .relaxed) } }
    return try work()
  }

  /// Whether a signal came.
  static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Whether somebody ends the process, and will not wait for others.
  static var isUrgent: Bool { isTerminated.load(ordering: .relaxed) }

  /// The number that stands for SIG_IGN.
  private static let ignored = 1

  /// What a handler does, in the middle of anything.
  private static func receive(_ number: Int32) {
    let before = errno
    defer { errno = before }
    if number == SIGTERM { Interruption.isTerminated.store(true, ordering: .relaxed) }
    // A terminal that is closed sends SIGHUP more than once, the system SIGXCPU every second.
    let isUrge = number == SIGINT || number == SIGTERM || number == SIGQUIT
    let urges =
      isUrge
      ? Interruption.urges.add(1, ordering: .relaxed).newValue
      : Interruption.urges.load(ordering: .relaxed)
    if Interruption.watchers.load(ordering: .relaxed) > 0 {
      Interruption.flag.store(true, ordering: .relaxed)
      if !isUrge || urges < 2 || Interruption.isPatient.load(ordering: .relaxed) { return }
    }
    if Interruption.isEnding.exchange(true, ordering: .relaxed) {
      // Once more, while temporary folders are removed.
      if isUrge { _exit(128 + number) }
      return
    }
    var byte = UInt8(truncatingIfNeeded: number)
    write(Interruption.mailbox.load(ordering: .relaxed), &byte, 1)
  }

  /// Waits for a signal that ends the process, and removes what is temporary before it does.
  private static func end(onSignalFrom reading: Int32) {
    var byte: UInt8 = 0
    while read(reading, &byte, 1) != 1 { guard errno == EINTR else { return } }
    let number = Int32(byte)
    TemporaryFolders.removeAll {
      if isRequested { _exit(130) }
      // Whoever started the program sees which signal ended it.
      signal(number, SIG_DFL)
      var own = sigset_t()
      sigemptyset(&own)
      sigaddset(&own, number)
      pthread_sigmask(SIG_UNBLOCK, &own, nil)
      kill(getpid(), number)
      usleep(200_000)
      _exit(128 + number)
    }
  }
}
