import Foundation
import LowRankCheckpoints
import LowRankConsole
import Synchronization

/// Handles the signals that end a process, sent by Ctrl-C, a closed terminal or a scheduler.
///
/// Work that can be resumed, such as a run, polls `isRequested` and stops by itself. During other work, a signal
/// removes the temporary folders and then ends the process as usual.
enum Interruption {
  private static let flag = Atomic<Bool>(false)
  private static let isPatient = Atomic<Bool>(false)
  private static let isTerminated = Atomic<Bool>(false)
  /// The first signal other than SIGINT that came, or 0.
  private static let other = Atomic<Int32>(0)
  /// The number of pieces of work in progress that stop by themselves.
  private static let watchers = Atomic<Int>(0)
  /// The number of urgent signals so far: SIGINT, SIGTERM and SIGQUIT.
  private static let urges = Atomic<Int>(0)
  private static let isEnding = Atomic<Bool>(false)
  private static let writesNoFiles = Atomic<Bool>(false)
  /// The pipe to which the signal handler, which may do hardly anything else, writes the signal's number.
  private static let mailbox = Atomic<Int32>(-1)

  /// The signals that end a process.
  ///
  /// The system sends SIGHUP when the terminal closes, and SIGXCPU at the limit of processor time. Schedulers send
  /// SIGUSR1 and SIGUSR2 before a job's time ends.
  private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU, SIGUSR1, SIGUSR2]

  /// Installs the signal handlers.
  static func install() {
    // The handler must not be the first to access the atomics.
    _ = (flag.load(ordering: .relaxed), isPatient.load(ordering: .relaxed))
    _ = (isTerminated.load(ordering: .relaxed), watchers.load(ordering: .relaxed))
    _ = other.load(ordering: .relaxed)
    _ = (urges.load(ordering: .relaxed), isEnding.load(ordering: .relaxed))
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    mailbox.store(ends[1], ordering: .relaxed)
    var taken = sigset_t()
    sigemptyset(&taken)
    for number in signals {
      let before = signal(number) { Interruption.receive($0) }
      // nohup ignores SIGHUP, and shells ignore SIGQUIT in background jobs; the program then does too.
      if [SIGHUP, SIGQUIT].contains(number), unsafeBitCast(before, to: Int.self) == Self.ignored {
        signal(number, SIG_IGN)
      } else {
        sigaddset(&taken, number)
      }
    }
    // Signals interrupt one thread that computes nothing; all threads that this one starts block them too. Kernels of
    // oneDNN for AVX2 point the stack register at a block of the heap, below which a handler's frame would overwrite others.
    pthread_sigmask(SIG_BLOCK, &taken, nil)
    Thread.detachNewThread { [taken, reading = ends[0]] in
      var taken = taken
      pthread_sigmask(SIG_UNBLOCK, &taken, nil)
      Self.end(onSignalFrom: reading)
    }
  }

  /// Declares that the current work stops by itself when a signal arrives.
  ///
  /// A second SIGINT, SIGTERM or SIGQUIT ends the process at once, except under a launcher: launchers send each
  /// signal to the process and to its group, and kill processes that take too long.
  static func watch(isPatient: Bool) {
    Self.isPatient.store(isPatient, ordering: .relaxed)
    watchers.add(1, ordering: .relaxed)
  }

  /// Declares that the work has ended: signals act as before.
  static func unwatch() { watchers.subtract(1, ordering: .relaxed) }

  /// Declares that the work from now on writes no files, as a conversation: Ctrl-C then ends it without a word.
  static func writeNoFiles() { writesNoFiles.store(true, ordering: .relaxed) }

  /// Takes back a Ctrl-C that ended one piece of work of several, as an answer in a conversation.
  ///
  /// - Returns: Whether the program goes on, since no other signal came.
  static func takeBackCtrlC() -> Bool {
    guard other.load(ordering: .relaxed) == 0 else { return false }
    flag.store(false, ordering: .relaxed)
    urges.store(0, ordering: .relaxed)
    // Work that was stopped is watched on.
    watchers.store(0, ordering: .relaxed)
    return true
  }

  /// Ends the process by the signal that stopped work of which nothing is to be saved, as it ends other work.
  static func endBySignal() -> Never {
    let number = other.load(ordering: .relaxed)
    isEnding.store(true, ordering: .relaxed)
    end(by: number == 0 ? SIGINT : number)
  }

  /// Whether a signal came.
  static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Whether SIGTERM arrived, which leaves no time to wait for other processes.
  static var isUrgent: Bool { isTerminated.load(ordering: .relaxed) }

  /// The value of SIG_IGN.
  private static let ignored = 1

  /// The signal handler.
  private static func receive(_ number: Int32) {
    let before = errno
    defer { errno = before }
    if number != SIGINT {
      _ = Interruption.other.compareExchange(expected: 0, desired: number, ordering: .relaxed)
    }
    if number == SIGTERM { Interruption.isTerminated.store(true, ordering: .relaxed) }
    // A closing terminal sends SIGHUP more than once, and the system sends SIGXCPU every second.
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
      // A further signal arrived while temporary folders are being removed.
      if isUrge { _exit(128 + number) }
      return
    }
    var byte = UInt8(truncatingIfNeeded: number)
    write(Interruption.mailbox.load(ordering: .relaxed), &byte, 1)
  }

  /// What people call a signal.
  private static func name(of number: Int32) -> String {
    switch number {
    case SIGINT: "Ctrl-C (SIGINT)"
    case SIGTERM: "SIGTERM"
    case SIGHUP: "the end of the terminal (SIGHUP)"
    case SIGQUIT: "SIGQUIT"
    case SIGXCPU: "the limit of processor time (SIGXCPU)"
    default: "signal \(number)"
    }
  }

  /// Waits for a signal that ends the process, and removes the temporary folders before it does; handlers run here.
  private static func end(onSignalFrom reading: Int32) {
    var byte: UInt8 = 0
    while read(reading, &byte, 1) != 1 { guard errno == EINTR else { return } }
    guard !isRequested else {
      StatusLine.shared.close()
      TemporaryFolders.removeAll { _exit(130) }
    }
    end(by: Int32(byte))
  }

  /// Says which signal ends the process, and what that leaves behind.
  private static func say(endBy number: Int32) {
    guard writesNoFiles.load(ordering: .relaxed) else {
      Console.insist("stopped by \(name(of: number)); nothing is left half written")
      return
    }
    guard number == SIGINT else {
      Console.insist("stopped by \(name(of: number))")
      return
    }
    // The shell's prompt stands on a line of its own.
    if isatty(STDIN_FILENO) == 1 { try? Console.result("") }
  }

  /// Says which signal ends the process, removes the temporary folders, and ends it by that signal.
  private static func end(by number: Int32) -> Never {
    StatusLine.shared.close()
    say(endBy: number)
    TemporaryFolders.removeAll {
      // The parent process sees which signal ended the program.
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
