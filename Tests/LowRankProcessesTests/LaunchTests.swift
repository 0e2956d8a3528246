import Foundation
import LowRankProcesses
import LowRankTraining
import Testing

@Suite struct `How a launcher started the process` {
  @Test(arguments: [
    (["OMPI_COMM_WORLD_RANK": "2", "OMPI_COMM_WORLD_SIZE": "4"], "mpirun", 2, 4),
    (["PMI_RANK": "0", "PMI_SIZE": "3"], "mpiexec", 0, 3),
    (["SLURM_PROCID": "7", "SLURM_STEP_NUM_TASKS": "8", "SLURM_NTASKS": "8"], "srun", 7, 8),
    // mpirun inside a job of Slurm: its own word counts.
    (
      [
        "OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2", "SLURM_PROCID": "0",
        "SLURM_STEP_NUM_TASKS": "64",
      ], "mpirun", 1, 2
    ),
  ])
  func `is read from the environment`(
    _ environment: [String: String], launcher: String, rank: Int, world: Int
  ) throws {
    let launch = try #require(Launch(environment))
    #expect(launch.launcher == launcher && launch.rank == rank && launch.world == world)
  }

  @Test(arguments: [
    [:], ["OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "1"], ["PMI_RANK": "0"],
    // A job of several tasks whose script starts one program itself.
    ["SLURM_PROCID": "0", "SLURM_NTASKS": "8"], ["PMI_SIZE": "two", "PMI_RANK": "0"],
  ])
  func `is nothing where there is one process`(_ environment: [String: String]) {
    #expect(Launch(environment) == nil)
  }

  @Test(arguments: [
    ("/nowhere/libLowRankMPI.so", "cannot open shared object file"),
    ("libm.so.6", "it is built without MPI"),
  ])
  func `needs a library that speaks MPI`(_ path: String, _ reason: String) throws {
    let launch = try #require(
      Launch(["OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "2"]))
    let error = #expect(throws: ProcessesError.self) {
      try MPIReducer(launch, library: path, patience: 1, isStopping: { 0 })
    }
    let sentence = error?.description ?? ""
    #expect(sentence.contains(reason) && sentence.contains("make mpi"), "\(sentence)")
  }
}
