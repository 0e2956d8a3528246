import Foundation
import LowRank
import Testing

@Suite(.serialized, .enabled(if: Mpirun.isThere, "needs Open MPI, and make mpi"))
struct `A run in several processes of MPI` {
  private struct Outcome {
    let losses: [Double]
    let validLosses: [Double]
    let factors: [Float]
  }

  private func outcome(_ folder: URL) throws -> Outcome {
    let lines = try DataTable(at: folder.appending(path: "state/metrics.jsonl")).rows.map(\.fields)
    let file = try SafetensorsFile(at: folder.appending(path: "adapter_model.safetensors"))
    return Outcome(
      losses: lines.compactMap { $0["loss"]?.double },
      validLosses: lines.compactMap { $0["valid_loss"]?.double },
      factors: try file.tensors.flatMap { try $0.floats() })
  }

  private func expect(_ folder: URL, equals whole: URL, steps: Int) throws {
    let (a, b) = (try outcome(folder), try outcome(whole))
    #expect(a.losses.count == steps && b.losses.count == steps)
    #expect(a.validLosses.count == b.validLosses.count && !a.validLosses.isEmpty)
    let differences = zip(a.losses + a.validLosses, b.losses + b.validLosses).map { abs($0 - $1) }
    #expect(differences.max() ?? 1 <= 1e-5)
    let error = zip(a.factors, b.factors).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
    let size = b.factors.reduce(0) { $0 + Double($1 * $1) }
    #expect(size > 0 && (error / size).squareRoot() <= 1e-4, "\((error / size).squareRoot())")
  }

  private static let flags = [
    "--iters", "100", "--batch-size", "7", "--grad-accumulation", "2", "--dropout", "0.1",
    "--target", "all-linear", "--eval-every", "40", "--learning-rate", "0.002",
  ]

  @Test(arguments: [2, 3])
  func `is the run of one`(processes: Int) throws {
    let workshop = try Workshop()
    let whole = try Lowrank(workshop.training(into: "whole") + Self.flags)
    #expect(whole.status == 0, "\(whole.errors)")
    let parts = try Lowrank(
      workshop.training(into: "parts") + Self.flags, launcher: Mpirun.launching(processes))
    #expect(parts.status == 0, "\(parts.errors)")
    #expect(parts.errors.contains("\(processes) processes on 1 host"))
    // One of them speaks.
    #expect(parts.errors.components(separatedBy: "modules adapted").count == 2)
    #expect(try parts.json()["processes"]?.integer == processes)
    try expect(workshop.place("parts"), equals: workshop.place("whole"), steps: 100)
  }

  @Test func `classifies as one does, with the metrics of one`() throws {
    let workshop = try ClassifierWorkshop()
    let flags = [
      "--iters", "30", "--eval-every", "10", "--base-dropout", "0.1", "--metric", "accuracy",
    ]
    let whole = try Lowrank(workshop.training(into: "whole") + flags)
    #expect(whole.status == 0, "\(whole.errors)")
    let parts = try Lowrank(
      workshop.training(into: "parts") + flags, launcher: Mpirun.launching(3))
    #expect(parts.status == 0, "\(parts.errors)")
    try expect(workshop.place("parts"), equals: workshop.place("whole"), steps: 30)
    func metrics(_ name: String) throws -> [JSONValue?] {
      try DataTable(at: workshop.place(name).appending(path: "state/metrics.jsonl")).rows
        .map { $0.fields["valid_accuracy"] }
    }
    #expect(try metrics("parts") == metrics("whole"))
  }

  @Test func `goes on in one after one of two was killed, with nothing lost`() throws {
    let workshop = try Workshop()
    let flags = [
      "--iters", "1500", "--save-every", "200", "--dropout", "0.1", "--batch-size", "6",
      "--learning-rate", "1e-5",
    ]
    let running = try Lowrank.Running(
      workshop.training(into: "part") + flags, launcher: Mpirun.launching(2))
    let state = workshop.place("part").appending(path: "state/metrics.jsonl")
    for _ in 0..<600 where !FileManager.default.fileExists(atPath: state.path) { usleep(50_000) }
    // The newest process of this run is rank 1, which writes nothing.
    let ranks = try Self.processes(of: workshop.place("part").path)
    try #require(ranks.count == 2)
    kill(ranks[1], SIGKILL)
    let answer = try running.finish()
    #expect(answer.status != 0)
    #expect(
      answer.errors.contains("error: told to end while it waited for the other processes"),
      "\(answer.errors)")
    let reached = try outcome(workshop.place("part")).losses.count
    #expect(reached >= 200)
    let resumed = try Lowrank(workshop.training(into: "part") + flags + ["--resume"])
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.errors.contains("after step \(reached) of 1500"))
    let whole = try Lowrank(workshop.training(into: "whole") + flags)
    #expect(whole.status == 0)
    // After thousands of steps rounding tells runs apart, at this rate hardly.
    let (a, b) = (try outcome(workshop.place("part")), try outcome(workshop.place("whole")))
    #expect(a.losses.count == 1500)
    let differences = zip(a.losses, b.losses).map { abs($0 - $1) }
    #expect(differences.prefix(100).max() ?? 1 <= 1e-5)
    #expect(differences.max() ?? 1 <= 1e-3)
  }

  /// The program's processes that were given an argument, in the order in which they were started.
  private static func processes(of argument: String) throws -> [pid_t] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }
      .filter { pid in
        let words = (try? Data(contentsOf: URL(filePath: "/proc/\(pid)/cmdline"))) ?? Data()
        let arguments = String(decoding: words, as: UTF8.self).split(separator: "\0")
        return arguments.first?.hasSuffix("/lowrank") == true
          && arguments.contains { $0 == argument }
      }.sorted()
  }

  @Test func `continues with another number of processes`() throws {
    let workshop = try Workshop()
    let flags = Self.flags + ["--save-every", "5"]
    let whole = try Lowrank(workshop.training(into: "whole") + flags)
    #expect(whole.status == 0, "\(whole.errors)")
    let running = try Lowrank.Running(
      workshop.training(into: "part") + flags, launcher: Mpirun.launching(2))
    let state = workshop.place("part").appending(path: "state/metrics.jsonl")
    for _ in 0..<600 where !FileManager.default.fileExists(atPath: state.path) { usleep(20_000) }
    for pid in try Self.processes(of: workshop.place("part").path) { kill(pid, SIGTERM) }
    let stopped = try running.finish()
    #expect(stopped.status == 130, "\(stopped.errors)")
    #expect(stopped.errors.contains("continue with --resume"))
    for processes in [3, 1] {
      // The middle one is stopped too, the last one goes to the end.
      let again = try Lowrank.Running(
        workshop.training(into: "part") + flags + ["--resume"],
        launcher: processes == 1 ? [] : Mpirun.launching(processes))
      if processes == 3 {
        usleep(700_000)
        for pid in try Self.processes(of: workshop.place("part").path) { kill(pid, SIGTERM) }
      }
      let answer = try again.finish()
      // On a slow machine, the signal may come before the run has begun, and then ends it at once.
      let isEarly = processes == 3 && answer.errors.contains("on signal 15")
      #expect(answer.status == 0 || answer.status == 130 || isEarly, "\(answer.errors)")
    }
    try expect(workshop.place("part"), equals: workshop.place("whole"), steps: 100)
  }

  @Test func `says what one process cannot do, and ends all`() throws {
    let workshop = try Workshop()
    let flags = workshop.training(into: "a") + ["--iters", "5"]
    func refused(_ arguments: [String], status: Int32, _ words: String..., more: String...) throws {
      let answer = try Lowrank(arguments, launcher: Mpirun.launching(2) + more)
      #expect(answer.status == status, "\(answer.errors)")
      for word in words {
        #expect(answer.errors.contains(word), "\(word) in \(answer.errors)")
      }
      #expect(answer.errors.components(separatedBy: "error: ").count == 2, "\(answer.errors)")
    }
    try refused(
      ["merge", "--model", "x"], status: 2, "of all verbs only train and pretrain",
      "start merge without it")
    let help = try Lowrank(["train", "--help"], launcher: Mpirun.launching(2))
    #expect(help.status == 0 && help.output.components(separatedBy: "USAGE").count == 2)
    try refused(flags + ["--data", "/nowhere"], status: 1, "/nowhere")
    try refused(
      flags, status: 1, "cannot join them", "make mpi", more: "-x", "LOWRANK_MPI=/nowhere.so")
    try refused(
      flags, status: 2, "LOWRANK_MPI_TIMEOUT is soon", more: "-x", "LOWRANK_MPI_TIMEOUT=soon")
    #expect(!FileManager.default.fileExists(atPath: workshop.place("a").path))
  }

  @Test func `is refused where hosts have other files or flags`() throws {
    let (workshop, other) = (try Workshop(), try Workshop())
    func refused(_ words: String..., flags: String = "") throws {
      let answer = try Lowrank(
        workshop.training(into: "a").map {
          $0 == workshop.data.path ? "data" : $0 == workshop.model.path ? "model" : $0
        } + ["--iters", "5"],
        // Both are given the same words, which lead each to files of its own.
        launcher: Mpirun.launching(
          2, "sh", "-c",
          "if [ $OMPI_COMM_WORLD_RANK = 0 ]; then cd \(workshop.root.path); exec \"$@\"; "
            + "else cd \(other.root.path); exec \"$@\" \(flags); fi", "sh"))
      #expect(answer.status != 0)
      #expect(answer.errors.contains("error: rank 1 on "), "\(answer.errors)")
      for word in words { #expect(answer.errors.contains(word), "\(word) in \(answer.errors)") }
      #expect(!FileManager.default.fileExists(atPath: workshop.place("a").path))
    }
    try refused("--seed is 4 here, 0 in rank 0", "same files and flags", flags: "--seed 4")
    // Factors of other shapes are told, and not met in an exchange.
    try refused("same files and flags", flags: "--target all-linear")
    let config = other.model.appending(path: "config.json")
    let text = try String(contentsOf: config, encoding: .utf8)
    try text.replacing("1e-05", with: "0.5").write(to: config, atomically: true, encoding: .utf8)
    try refused("rms_norm_eps is 0.5 here")
    try text.write(to: config, atomically: true, encoding: .utf8)
    try "{\"text\": \"another row\"}\n".write(
      to: other.data.appending(path: "train.jsonl"), atomically: true, encoding: .utf8)
    try refused("rows is \"data/train.jsonl, 1 of hash ", "data/train.jsonl, 40 of hash ")
  }

  @Test func `says what the flags of one process alone are wrong in`() throws {
    let workshop = try Workshop()
    let answer = try Lowrank(
      workshop.training(into: "a"),
      launcher: Mpirun.launching(
        2, "sh", "-c",
        "if [ $OMPI_COMM_WORLD_RANK = 0 ]; then exec \"$@\"; else exec \"$@\" --bogus; fi", "sh"))
    #expect(answer.status == 2)
    #expect(answer.errors.contains("rank 1 on ") && answer.errors.contains("has no flag --bogus"))
  }
}
