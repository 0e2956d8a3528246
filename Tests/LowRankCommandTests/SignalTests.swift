import Foundation
import LowRank
import Testing

/// Signals that end a process, and readers that are gone.
@Suite struct `A run that somebody ends` {
  /// A run that has taken a step, under the usual meaning of signals.
  private func started(_ workshop: Workshop, launcher: [String]) throws -> Lowrank.Running {
    let running = try Lowrank.Running(
      workshop.training(into: "a", "--iters", "1000000"), launcher: launcher)
    while running.process.isRunning, !(try running.errors().contains("step ")) { usleep(5_000) }
    return running
  }

  @Test(arguments: [SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGXCPU, SIGUSR1, SIGUSR2])
  func `by a signal keeps its state`(_ number: Int32) throws {
    let workshop = try Workshop()
    let running = try started(workshop, launcher: ["env", "--default-signal"])
    kill(running.process.processIdentifier, number)
    let answer = try running.finish()
    #expect(answer.status == 130, "\(answer.errors)")
    #expect(answer.errors.contains("continue with --resume"), "\(answer.errors)")
    let state = try #require(
      try StateHistory(inAdapter: workshop.place("a")).newest { Issue.record("\($0)") })
    #expect(state.number > 0 && !state.isFinished)
    _ = try AdapterFolder(at: workshop.place("a"))
  }

  @Test
  func
    `by a terminal that sends SIGHUP again, or a system that sends SIGXCPU each second, still saves`()
    throws
  {
    let workshop = try Workshop()
    let running = try started(workshop, launcher: ["env", "--default-signal"])
    for number in [SIGHUP, SIGXCPU, SIGTERM, SIGHUP, SIGXCPU, SIGHUP] {
      kill(running.process.processIdentifier, number)
      usleep(500)
    }
    let answer = try running.finish()
    #expect(answer.status == 130 && answer.errors.contains("continue with --resume"))
    _ = try #require(try StateHistory(inAdapter: workshop.place("a")).newest())
  }

  /// Where a handler's frame would lie is not always a stack: oneDNN's kernels for AVX2 use a block of the heap.
  @Test func `interrupts no thread that computes`() throws {
    let workshop = try Workshop()
    let running = try started(workshop, launcher: ["env", "--default-signal"])
    defer { running.process.terminate() }
    let main = "\(running.process.processIdentifier)"
    let tasks = URL(filePath: "/proc/\(main)/task")
    var blocks: [String: Bool] = [:]
    var times: [String: Int] = [:]
    for task in try FileManager.default.contentsOfDirectory(atPath: tasks.path) {
      let place = tasks.appending(path: task)
      let status = try String(contentsOf: place.appending(path: "status"), encoding: .utf8)
      let mask = status.split(separator: "\n").first { $0.hasPrefix("SigBlk:") }?.split(
        separator: "\t"
      ).last
      blocks[task] = try #require(UInt64(mask ?? "", radix: 16)) & (1 << UInt64(SIGINT - 1)) != 0
      // The fields after the name in parentheses: the twelfth is the time of the processor.
      let stat = try String(contentsOf: place.appending(path: "stat"), encoding: .utf8)
      times[task] = Int(stat.split(separator: ") ")[1].split(separator: " ")[11])
    }
    #expect(blocks[main] == true && blocks.values.contains(false))
    let busy = times.filter { $0.value * 4 > (times[main] ?? 0) }.keys
    #expect(busy.allSatisfy { blocks[$0] == true })
  }

  @Test func `continues after a hangup under nohup`() throws {
    let workshop = try Workshop()
    let running = try started(
      workshop, launcher: ["env", "--default-signal", "env", "--ignore-signal=HUP"])
    kill(running.process.processIdentifier, SIGHUP)
    usleep(700_000)
    #expect(running.process.isRunning)
    kill(running.process.processIdentifier, SIGTERM)
    #expect(try running.finish().status == 130)
  }

  @Test(arguments: ["2>&1 | head -1", "2>&-", ">&-", ">/dev/full 2>/dev/full"])
  func `by nobody is not ended when its readers are gone`(_ redirection: String) throws {
    let workshop = try Workshop()
    // Several lines for people: the first is read, the others are not.
    let arguments = workshop.training(
      into: "a", "--iters", "40", "--eval-every", "2", "--save-every", "7")
    let command = "\"$0\" \"$@\" \(redirection)"
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      ["--default-signal", "sh", "-c", command, Lowrank.program.path] + arguments + ["--no-store"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let state = try #require(
      try StateHistory(inAdapter: workshop.place("a")).newest { Issue.record("\($0)") })
    #expect(state.isFinished && state.number == 40)
    _ = try AdapterFolder(at: workshop.place("a"))
  }

  @Test func `a verb whose reader has seen enough ends without a word`() throws {
    let workshop = try Workshop()
    let process = Process()
    let errors = Pipe()
    process.executableURL = URL(filePath: "/bin/bash")
    // The reader is gone before the program has begun to write.
    process.arguments = [
      "-c", "{ sleep 0.2; \"$0\" \"$@\"; echo \"exit $?\" >&2; } | true", Lowrank.program.path,
      "inspect",
      workshop.model.path,
    ]
    process.standardError = errors
    try process.run()
    process.waitUntilExit()
    let said = String(
      decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    #expect(said == "exit 141\n")
  }

  /// The program is stopped as soon as its hidden folder is there, and the signal waits for it.
  @Test(arguments: [SIGHUP, SIGINT, SIGTERM])
  func `or a merge leaves no temporary folder`(_ number: Int32) throws {
    let workshop = try Workshop()
    #expect(try Lowrank(workshop.training(into: "a", "--iters", "2")).status == 0)
    func hidden() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: workshop.root.path)
        .filter { $0.hasPrefix(".") }
    }
    for _ in 0..<30 {
      let running = try Lowrank.Running(
        [
          "merge", "--model", workshop.model.path, "--adapter", workshop.place("a").path,
          "--output",
          workshop.place("merged").path,
        ], launcher: ["env", "--default-signal"])
      while running.process.isRunning, try hidden().isEmpty {}
      let process = running.process.processIdentifier
      kill(process, SIGSTOP)
      let wasThere = try !hidden().isEmpty
      kill(process, number)
      kill(process, SIGCONT)
      let answer = try running.finish()
      #expect(try hidden().isEmpty)
      let place = workshop.place("merged")
      guard wasThere, answer.status != 0, !FileManager.default.fileExists(atPath: place.path) else {
        // It was there already when the signal came: then it is whole.
        if FileManager.default.fileExists(atPath: place.path) {
          #expect(
            FileManager.default.fileExists(
              atPath: place.appending(path: "model.safetensors").path))
        }
        try? FileManager.default.removeItem(at: place)
        continue
      }
      let name = [SIGINT: "Ctrl-C (SIGINT)", SIGTERM: "SIGTERM"][number] ?? "(SIGHUP)"
      #expect(
        answer.errors.contains("\(name); nothing is left half written\n"), "\(answer.errors)")
      // It ended as any program does that a signal ends.
      #expect(answer.status == number)
      return
    }
    Issue.record("no merge was met while it wrote")
  }
}
