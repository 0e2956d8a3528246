import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankProcesses
import LowRankSessions
import Synchronization

/// The processes that a launcher of MPI started together, of which this is one.
///
/// All of them do the same; process 0 alone speaks and writes.
enum Processes {
  /// What the launcher said; nil where this is the only process.
  static let launch = Launch()
  private static let joined = Mutex<MPIReducer?>(nil)

  /// Whether this process speaks and writes.
  static var isFirst: Bool { (launch?.rank ?? 0) == 0 }

  /// This process's share of the cores; nil where all are its own.
  static var cores: Int? { joined.withLock { $0?.cores } }

  /// Refuses a verb that would do the same in every process, and harm by it.
  ///
  /// - Parameter verbs: all verbs; other commands, such as help, do no harm.
  static func check(
    _ command: any ParsableCommand, among verbs: [any ParsableCommand.Type]
  ) throws {
    let isWork = verbs.contains { $0 == type(of: command) }
    guard let launch, isWork, !(command is any SharedVerb) else { return }
    throw UsageError(
      """
      \(launch.launcher) started \(launch.world) processes, but of all verbs only train and pretrain are shared out among several; \
      start \(type(of: command)._commandName) without it
      """)
  }

  /// Joins the others, if there are any.
  ///
  /// - Throws: `ProcessesError`.
  static func join() throws -> any Reducer {
    guard let launch else { return SingleProcess() }
    let reducer = try MPIReducer(
      launch, library: libraryPath, patience: try patience,
      isStopping: { Interruption.isUrgent ? 1 : 0 })
    joined.withLock { $0 = reducer }
    let hosts = Set((0..<reducer.world).map(reducer.host)).count
    Console.write(
      """
      \(reducer.world) processes on \(hosts) \(hosts == 1 ? "host" : "hosts"); the share of rank 0 is \
      \(reducer.cores) \(reducer.cores == 1 ? "core" : "cores")
      """)
    if !reducer.watches {
      Console.write("note: without a time limit, a lost process or host is waited for")
    }
    return reducer
  }

  /// Whether work that takes long is to be broken off: the user wants it, or another process is lost.
  static var isBreakingOff: Bool {
    Interruption.isRequested || joined.withLock { $0?.hasLost ?? false }
  }

  /// The seconds after which a silent process counts as lost.
  private static var patience: Double {
    get throws {
      guard let text = ProcessInfo.processInfo.environment["LOWRANK_MPI_TIMEOUT"] else { return 10 }
      guard let seconds = Double(text), seconds >= 0 else {
        throw UsageError("LOWRANK_MPI_TIMEOUT is \(text), expected seconds, or 0 for no limit")
      }
      return seconds
    }
  }

  /// The library beside the program, or where the environment says.
  private static var libraryPath: String {
    if let path = ProcessInfo.processInfo.environment["LOWRANK_MPI"], !path.isEmpty { return path }
    let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    return program.deletingLastPathComponent().appending(path: "libLowRankMPI.so").path
  }

  /// Ends this process, and with it all others unless they end by themselves.
  ///
  /// - Parameters:
  ///   - together: whether all processes come here.
  ///   - isEnding: whether the launcher is ending them all.
  static func end(_ code: Int32, together: Bool, isEnding: Bool = false) -> Never {
    StatusLine.shared.close()
    if let reducer = joined.withLock({ $0 }) {
      if together { reducer.leave() } else if !isEnding { reducer.abort(code) }
    }
    exit(code)
  }

  /// Whether an error is of this process, and not the same in all.
  static func isOwn(_ error: any Error) -> Bool {
    if case .lost = error as? ProcessesError { true } else { false }
  }

  /// Who speaks, where that is not process 0.
  ///
  /// - Parameter waits: whether to let process 0 speak first, which may be in the same trouble, and then ends all.
  static func speaker(waits: Bool) -> String {
    guard let launch, !isFirst else { return "" }
    if waits { Thread.sleep(forTimeInterval: 2.5) }
    let host = joined.withLock { $0?.host(of: launch.rank) } ?? ProcessInfo.processInfo.hostName
    return "rank \(launch.rank) on \(host): "
  }
}
