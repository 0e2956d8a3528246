import CProcesses
import Foundation
import LowRankTraining

/// The processes that a launcher of MPI started, as a run needs them.
///
/// The library that speaks MPI is loaded only here: a program that no launcher started has nothing to do with it.
public struct MPIReducer: Reducer {
  public let rank: Int
  public let world: Int
  /// This process's share of the cores of its host.
  public let cores: Int
  /// Whether lost processes are noticed; MPI has to be built for threads.
  public let watches: Bool
  private let library: Library

  /// Joins the other processes.
  ///
  /// - Parameters:
  ///   - patience: the seconds of silence after which a process counts as lost; 0 for any.
  ///   - isStopping: whether this process was told to end, and cannot wait for others any more.
  /// - Throws: `ProcessesError`.
  public init(
    _ launch: Launch, library path: String, patience: Double,
    isStopping: @escaping @convention(c) () -> Int32
  ) throws(ProcessesError) {
    var reason: UnsafePointer<CChar>?
    guard let loaded = lr_load_processes(path, &reason) else {
      let words = reason.map { String(cString: $0) } ?? "it does not load"
      throw .noLibrary(
        launch: launch, reason: words.hasPrefix(path) ? words : "\(path): \(words)")
    }
    library = Library(calls: loaded)
    var membership = lr_membership()
    try library.check(loaded.pointee.join(patience, isStopping, &membership))
    rank = Int(membership.rank)
    world = Int(membership.world)
    cores = Int(membership.cores)
    watches = membership.watches != 0
    guard world == launch.world else { throw .alone(launch: launch, seen: world) }
  }

  public func sum(_ values: inout [Float]) throws {
    try library.check(
      values.withUnsafeMutableBufferPointer {
        library.calls.pointee.sum_floats($0.baseAddress, Int64($0.count))
      })
  }

  public func sum(_ values: inout [Double]) throws {
    try library.check(
      values.withUnsafeMutableBufferPointer {
        library.calls.pointee.sum_doubles($0.baseAddress, Int64($0.count))
      })
  }

  public func broadcast(_ bytes: inout [UInt8]) throws {
    var count = [Double(bytes.count)]
    if rank != 0 { count[0] = 0 }
    try sum(&count)
    if rank != 0 { bytes = [UInt8](repeating: 0, count: Int(count[0])) }
    try library.check(
      bytes.withUnsafeMutableBytes {
        library.calls.pointee.broadcast($0.baseAddress, Int64($0.count))
      })
  }

  /// The name of the host of a process.
  public func host(of rank: Int) -> String { library.host(of: rank) }

  /// Whether another process has not been heard of for too long; the next call that waits for it throws.
  public var hasLost: Bool { library.calls.pointee.lost(nil) >= 0 }

  /// Leaves in good order, together with all others.
  public func leave() { library.calls.pointee.leave() }

  /// Ends all processes that can be reached.
  public func abort(_ code: Int32) { library.calls.pointee.abort(code) }

  /// The loaded library, which stays for as long as the process.
  private struct Library: @unchecked Sendable {
    let calls: UnsafePointer<lr_processes>

    func check(_ outcome: lr_outcome) throws(ProcessesError) {
      switch outcome {
      case LR_DONE: return
      case LR_STOPPED: throw .stopped
      case LR_LOST:
        var seconds = 0.0
        let rank = Int(calls.pointee.lost(&seconds))
        throw .lost(rank: rank, host: host(of: rank), seconds: seconds)
      default: throw .failed(reason: Self.text(calls.pointee.failure()))
      }
    }

    func host(of rank: Int) -> String { Self.text(calls.pointee.host(Int32(rank))) }

    private static func text(_ bytes: UnsafePointer<CChar>?) -> String {
      bytes.map { String(cString: $0) } ?? ""
    }
  }
}
