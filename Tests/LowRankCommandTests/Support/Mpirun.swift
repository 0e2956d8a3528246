import Foundation
import Testing

/// What starts the program in several processes.
enum Mpirun {
  /// Whether Open MPI is here, and what `make mpi` builds beside the program.
  static let isThere =
    [
      "/usr/bin/mpirun.openmpi",
      Lowrank.program.deletingLastPathComponent().path + "/libLowRankMPI.so",
    ]
    .allSatisfy { FileManager.default.fileExists(atPath: $0) }

  /// The words before the program's.
  static func launching(_ processes: Int, _ more: String...) -> [String] {
    [
      "env", "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1", "mpirun.openmpi",
      "--oversubscribe", "-np", "\(processes)",
    ] + more
  }
}
