import Foundation
import LowRank
import Testing

@Suite struct `bench generate` {
  @Test func `measures a model, an adapter beside it and one in its weights`() throws {
    let workshop = try Workshop()
    let made = try Lowrank(workshop.training(into: "a", "--iters", "2"))
    #expect(made.status == 0, "\(made.errors)")
    let config = workshop.model.appending(path: "config.json").path
    let adapter = ["--adapter", workshop.place("a").path]
    for (flags, switches) in [
      (["--model", workshop.model.path], false), (["--config", config], false),
      (["--model", workshop.model.path, "--batch", "3"], false),
      (["--model", workshop.model.path] + adapter, true),
      (["--model", workshop.model.path] + adapter + ["--merge"], true),
    ] {
      let json = try Lowrank(
        ["bench", "generate", "--prompt", "4", "--tokens", "8", "--rounds", "1", "--json"] + flags
      ).json()
      for key in ["tokens_per_second", "first_token_seconds", "peak_memory_bytes", "bandwidth"] {
        #expect(json[key]?.double ?? 0 > 0, "\(flags) \(key)")
      }
      #expect((json["switch_seconds"]?.double ?? 0 > 0) == switches, "\(flags)")
      let read = (json["bytes_per_token"]?.double ?? 0) * (json["tokens_per_second"]?.double ?? 0)
      #expect(abs(read - (json["bandwidth"]?.double ?? -1)) <= 1e-6 * read, "\(flags)")
      #expect(json["utilization"]?.double ?? 0 > 0, "\(flags)")
    }
  }

  @Test(arguments: [
    (["--merge"], "--merge has no effect without --adapter"),
    (["--rounds", "0"], "--rounds is 0"), (["--batch", "0"], "--batch is 0"),
    (["--tokens", "1"], "--tokens is 1"),
    (["--config", "c.json"], "--config and --model exclude each other"),
  ])
  func `refuses what makes no sense`(flags: [String], sentence: String) throws {
    let workshop = try Workshop()
    let run = try Lowrank(["bench", "generate", "--model", workshop.model.path] + flags)
    #expect(run.status == 2 && run.errors.contains(sentence), "\(run.errors)")
  }
}
