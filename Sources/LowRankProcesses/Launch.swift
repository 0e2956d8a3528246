import CProcesses
import Foundation

/// How a launcher started this process, as it says in the environment.
public struct Launch: Hashable, Sendable {
  /// The number of this process, from 0.
  public let rank: Int
  /// The number of processes.
  public let world: Int
  /// Whose word that is, for messages.
  public let launcher: String

  /// What the environment says; nil where no launcher started several processes.
  ///
  /// Open MPI, then whatever speaks PMI (MPICH, Intel MPI), then a job step of Slurm: inside a job of Slurm there is no step
  /// until `srun` makes one.
  public init?(_ environment: [String: String] = ProcessInfo.processInfo.environment) {
    let known: [(launcher: String, rank: String, world: String)] = [
      ("mpirun", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
      ("mpiexec", "PMI_RANK", "PMI_SIZE"),
      ("srun", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS"),
    ]
    for (launcher, rank, world) in known {
      guard let rank = environment[rank].flatMap({ Int($0) }),
        let world = environment[world].flatMap({ Int($0) }), world > 1
      else { continue }
      self.rank = rank
      self.world = world
      self.launcher = launcher
      return
    }
    return nil
  }

  /// Takes the cores that the launcher itself may use, where it bound this process to some without being asked to.
  ///
  /// Open MPI binds each of two processes to one core, whatever the number of cores. Has the user chosen a binding or a
  /// mapping, that is kept. It has to be done before libraries count the cores.
  public static func takeCores(
    _ environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    let chosen = ["OMPI_MCA_hwloc_base_binding_policy", "OMPI_MCA_rmaps_base_mapping_policy"]
    guard environment["OMPI_MCA_orte_bound_at_launch"] != nil,
      chosen.allSatisfy({ environment[$0] == nil })
    else { return }
    // Where it cannot be done there are fewer cores, and how many is reported.
    _ = lr_take_cores_of_parent()
  }
}
