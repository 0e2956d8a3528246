/// Why the processes of a run cannot go on together.
public enum ProcessesError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The library that speaks MPI is not there, or does not load.
  case noLibrary(launch: Launch, reason: String)
  /// The launcher started several processes, but each sees itself alone.
  case alone(launch: Launch, seen: Int)
  /// Another process has not been heard of.
  case lost(rank: Int, host: String, seconds: Double)
  /// This process was told to end while it waited for others, which did not come.
  case stopped
  /// MPI reports an error.
  case failed(reason: String)

  /// One sentence: what is wrong, and what to do.
  public var description: String {
    switch self {
    case .noLibrary(let launch, let reason):
      """
      \(launch.launcher) started \(launch.world) processes, but lowrank cannot join them: \(reason); build the library with \
      make mpi, or say where it is in LOWRANK_MPI
      """
    case .alone(let launch, let seen):
      """
      \(launch.launcher) started \(launch.world) processes, but MPI sees \(seen): use the launcher of the MPI that lowrank \
      was built with, or srun --mpi=pmix
      """
    case .lost(let rank, let host, let seconds):
      """
      nothing was heard of rank \(rank) on \(host) for \(Int(seconds.rounded())) seconds: the process, its host or the way \
      there is gone
      """
    case .stopped:
      "told to end while it waited for the other processes, of which one failed, was killed, or is slow"
    case .failed(let reason): "MPI failed: \(reason)"
    }
  }
}
