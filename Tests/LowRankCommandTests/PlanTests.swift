import Foundation
import LowRank
import Testing

@Suite struct `A run's plan` {
  @Test func `says what the run would take, and writes nothing`() throws {
    let workshop = try Workshop()
    let answer = try Lowrank(workshop.training(into: "a", "--iters", "25", "--dry-run"))
    #expect(answer.status == 0, "\(answer.errors)")
    let plan = try answer.json()
    #expect(plan["steps"]?.integer == 25)
    #expect(plan["trainable_parameters"]?.integer == 2 * (64 + 48))
    let memory = try #require(plan["memory_bytes"]?.object)
    let parts = [
      "weights", "activations", "logits", "optimizer", "trained", "program", "spare", "saving",
      "caches",
      "reading",
    ].compactMap { memory[$0]?.integer }
    #expect(parts.count == 10 && memory["total"]?.integer == parts.reduce(0, +))
    // f32 numbers of the base; values of what is trained; two moments and a count each.
    let base = try #require(plan["base_parameters"]?.integer)
    #expect(memory["weights"]?.integer == 4 * base)
    #expect(memory["trained"]?.integer == 4 * 224)
    #expect(memory["optimizer"]?.integer == 8 * 224 + 4 * 8)
    #expect((plan["expected_seconds"]?.double ?? 0) > 0)
    let (total, least) = (
      try #require(memory["total"]?.integer),
      try #require(plan["least_memory_limit_bytes"]?.integer)
    )
    #expect(least >= total && least < total + total / 40 + 6_000_000)
    #expect(!FileManager.default.fileExists(atPath: workshop.place("a").path))
  }

  @Test func `keeps to a limit by computing fewer rows at once, with the same sums`() throws {
    let workshop = try Workshop()
    // Long rows, so that what is kept for the derivative outweighs the program.
    let row = "{\"text\": \"\(String(repeating: "abcdefgh", count: 3))\"}\n"
    try String(repeating: row, count: 4096).write(
      to: workshop.data.appending(path: "train.jsonl"), atomically: true, encoding: .utf8)
    func training(_ name: String, _ more: String...) throws -> Lowrank {
      try Lowrank(
        workshop.training(
          into: name, "--iters", "2", "--batch-size", "4096", "--target", "all-linear") + more)
    }
    let free = try training("free")
    let peak = try #require(try free.json()["peak_memory_bytes"]?.integer)
    let plan = try training("free", "--dry-run", "--overwrite").json()
    let memory = try #require(plan["memory_bytes"]?.object)
    let still = try #require(memory["program"]?.integer) + #require(memory["caches"]?.integer)
    #expect(peak > still + (still / 3), "the test needs rows that weigh more than the program")
    let limit = still + (peak - still) / 2
    let kept = try training("kept", "--memory-limit", "\(limit / 1000)KB")
    #expect(kept.status == 0, "\(kept.errors)")
    #expect(kept.errors.contains("rows are computed at once to keep to the memory limit"))
    let reached = try #require(try kept.json()["peak_memory_bytes"]?.integer)
    #expect(reached <= limit, "\(reached) of \(limit), \(peak) without a limit, \(still) at rest")
    let (a, b) = (try free.json()["train_loss"]?.double, try kept.json()["train_loss"]?.double)
    #expect(abs(try #require(a) - #require(b)) < 1e-6)
    #expect(!kept.errors.contains("warning: the run held"))
    let tooLittle = try training("x", "--memory-limit", "1MB")
    // As for every other budget that is too small.
    #expect(tooLittle.status == 2)
    #expect(
      tooLittle.errors.contains(
        "a memory limit of 1 MB is too small: with one row at a time, the run takes up to "))
    #expect(tooLittle.errors.contains("of it for the program with tokenizer and data; give "))
    #expect(!FileManager.default.fileExists(atPath: workshop.place("x").path))
    let dry = try training("free", "--dry-run", "--overwrite", "--memory-limit", "1MB")
    #expect(dry.status == 2 && dry.errors.contains("is too small: with one row at a time"))
    // The least limit that it names is one that can be kept.
    let least = try #require(
      tooLittle.errors.firstMatch(of: /give --memory-limit (\d+)MB or more/)
    ).1
    let smallest = try training("smallest", "--memory-limit", "\(least)MB")
    #expect(smallest.status == 0, "\(smallest.errors)")
    let held = try #require(try smallest.json()["peak_memory_bytes"]?.integer)
    #expect(held <= (Int(least) ?? 0) * 1_000_000)
  }

  /// Rows of letters, of very different lengths.
  private func writeRows(_ count: Int, _ workshop: Workshop, _ name: String) throws {
    let rows = (0..<count).map { row in
      let length = 2 + row * 7_919 % 29
      return "{\"text\": \"\(String("abcdefghijklmnopqrstuvwxyzabcdef".prefix(length)))\"}\n"
    }
    try rows.joined().write(
      to: workshop.data.appending(path: name), atomically: true, encoding: .utf8)
  }

  @Test(arguments: [
    (batch: 4, flags: []), (2048, []), (2048, ["--packing", "--grad-checkpointing"]),
  ])
  func `is within a tenth of the peak of the run`(batch: Int, flags: [String]) throws {
    let workshop = try Workshop()
    try writeRows(batch * 8, workshop, "train.jsonl")
    try writeRows(300, workshop, "valid.jsonl")
    let all =
      [
        "--iters", batch > 100 ? "6" : "300", "--batch-size", "\(batch)", "--target", "all-linear",
        "--eval-every", batch > 100 ? "3" : "100", "--save-every", batch > 100 ? "2" : "100",
      ] + flags
    let run = try Lowrank(workshop.training(into: "a") + all)
    #expect(run.status == 0, "\(run.errors)")
    let peak = Double(try #require(try run.json()["peak_memory_bytes"]?.integer))
    let plan = try Lowrank(workshop.training(into: "a", "--dry-run", "--overwrite") + all).json()
    let planned = Double(try #require(plan["memory_bytes"]?.object?["total"]?.integer))
    #expect(abs(planned / peak - 1) < 0.1, "\(planned) planned, \(peak) held")
  }

  /// Recording a run takes some megabytes, which a dry run counts without leaving a trace.
  @Test func `asks for the limit that the run asks for`() throws {
    let workshop = try Workshop()
    let store = workshop.place("runs.sqlite")
    let least = try [["--dry-run"], []].map { more in
      let answer = try Lowrank(
        workshop.training(into: "a", "--memory-limit", "1MB", "--store", store.path) + more)
      #expect(answer.status == 2)
      if !more.isEmpty { #expect(!FileManager.default.fileExists(atPath: store.path)) }
      let found = answer.errors.firstMatch(of: /give --memory-limit (\d+)MB or more/)
      let least = try #require(found).1
      return try #require(Int(least))
    }
    #expect(abs(least[0] - least[1]) <= 2, "\(least)")
  }

  @Test func `keeps to the limit when it is resumed, evaluated and saved`() throws {
    let workshop = try Workshop()
    try writeRows(8_192, workshop, "train.jsonl")
    try writeRows(2_000, workshop, "valid.jsonl")
    let flags = [
      "--iters", "6", "--batch-size", "2048", "--target", "all-linear", "--eval-every", "2",
      "--save-every", "3", "--save-total-limit", "3",
    ]
    let free = try Lowrank(workshop.training(into: "free") + flags).json()
    let peak = try #require(free["peak_memory_bytes"]?.integer)
    let refused = try Lowrank(workshop.training(into: "x", "--memory-limit", "1MB") + flags)
    let least = try #require(
      refused.errors.firstMatch(of: /give --memory-limit (\d+)MB or more/)
    ).1
    let limit = ((Int(least) ?? 0) * 1_000_000 + peak) / 2
    let limited = flags + ["--memory-limit", "\(limit / 1_000)KB"]
    let kept = try Lowrank(workshop.training(into: "kept") + limited)
    #expect(kept.status == 0, "\(kept.errors)")
    #expect(try #require(try kept.json()["peak_memory_bytes"]?.integer) <= limit)
    #expect(try kept.json()["memory_limit_bytes"]?.integer == limit / 1_000 * 1_000)
    let losses = [free, try kept.json()].map { $0["valid_loss"]?.double ?? .nan }
    #expect(abs(losses[0] - losses[1]) < 1e-5)
    // A resumed run keeps the limit, with as many rows at once.
    let file = workshop.place("kept").appending(path: "adapter_model.safetensors")
    let whole = try Data(contentsOf: file)
    let state = workshop.place("kept").appending(path: "state")
    try FileManager.default.removeItem(at: state.appending(path: "step-00000006"))
    let resumed = try Lowrank(workshop.training(into: "kept", "--resume") + limited)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.errors.contains("resuming") && resumed.errors.contains("after step 3 of 6"))
    #expect(try #require(try resumed.json()["peak_memory_bytes"]?.integer) <= limit)
    #expect(try Data(contentsOf: file) == whole)
  }

  @Test func `counts of a table in a mapped file what is in memory`() throws {
    let workshop = try Workshop()
    // A classifier reads the rows of its tokens alone.
    try workshop.enlargeVocabulary(to: 4_000_000)
    try (0..<64).map { "{\"text\": \"word \($0 % 7)\", \"label\": \($0 % 2)}\n" }.joined()
      .write(to: workshop.data.appending(path: "train.jsonl"), atomically: true, encoding: .utf8)
    let flags = [
      "--task", "classification", "--train-file", workshop.data.path + "/train.jsonl",
      "--iters", "8",
    ]
    func training(_ more: String...) -> [String] {
      var arguments = workshop.training(into: "a") + flags + more
      if let index = arguments.firstIndex(of: "--data") {
        arguments.removeSubrange(index...index + 1)
      }
      return arguments
    }
    let answer = try Lowrank(training("--dry-run"))
    #expect(answer.status == 0, "\(answer.errors)")
    let memory = try #require(try answer.json()["memory_bytes"]?.object)
    let planned = try #require(memory["total"]?.integer)
    #expect(try #require(memory["weights"]?.integer) < 8_000_000)
    let run = try Lowrank(training())
    #expect(run.status == 0, "\(run.errors)")
    let peak = try #require(try run.json()["peak_memory_bytes"]?.integer)
    #expect(peak < 200_000_000)
    // The whole table would be 256 MB more.
    #expect(abs(planned - peak) < 30_000_000, "\(planned) planned, \(peak) held")
  }

  @Test func `says which precision it takes, once, and in the JSON`() throws {
    let workshop = try Workshop()
    let flags = ["--iters", "2", "--eval-every", "1"]
    for more in [[], ["--dry-run"]] {
      let arguments = workshop.training(into: "a\(more.count)") + flags + more
      let given = try Lowrank(arguments)
      #expect(try given.json()["precision"]?.string == "f32")
      #expect(try given.json()["precision_chosen_by"]?.string == "flag")
      #expect(!given.errors.contains("precision:"))
      let automatic = try Lowrank(
        arguments.map { $0 == "f32" ? "auto" : $0 } + ["--overwrite"])
      #expect(automatic.status == 0, "\(automatic.errors)")
      let type = CPUEngine.multipliesBFloat16Natively ? "bf16" : "f32"
      #expect(try automatic.json()["precision"]?.string == type)
      #expect(try automatic.json()["precision_chosen_by"]?.string == "auto")
      #expect(
        automatic.errors.components(
          separatedBy: "precision: \(type) (--precision auto: this processor"
        ).count == 2)
    }
    let verbs = [
      ["evaluate", "--data", workshop.data.path],
      ["generate", "--prompt", "ab", "--max-tokens", "2"],
      ["score", "--text", "abc"],
    ]
    for verb in verbs {
      let answer = try Lowrank(verb + ["--model", workshop.model.path, "--json"])
      #expect(answer.status == 0, "\(answer.errors)")
      #expect(try answer.json()["precision_chosen_by"]?.string == "auto")
      #expect(answer.errors.contains("precision: "))
    }
  }

  @Test func `may pack rows, recompute blocks and smooth labels`() throws {
    let workshop = try Workshop()
    let packed = try Lowrank(
      workshop.training(
        into: "packed", "--epochs", "1", "--packing", "--batch-size", "1", "--max-seq-length", "27")
    )
    #expect(packed.status == 0, "\(packed.errors)")
    // 40 rows of eight letters and an end: eight tokens are given to the model, so three rows a pack.
    #expect(packed.errors.contains("40 rows in 14 packs of at most 27 tokens"))
    #expect(try packed.json()["steps"]?.integer == 14)
    func factors(_ name: String, _ more: String...) throws -> Data {
      let answer = try Lowrank(
        workshop.training(into: name, "--iters", "3", "--dropout", "0.1") + more)
      #expect(answer.status == 0, "\(answer.errors)")
      return try Data(
        contentsOf: workshop.place(name).appending(path: "adapter_model.safetensors"))
    }
    let plain = try factors("plain")
    #expect(try factors("recomputed", "--grad-checkpointing") == plain)
    #expect(try factors("smooth", "--label-smoothing", "0.1") != plain)
    let wrong = try Lowrank(workshop.training(into: "x", "--label-smoothing", "1"))
    #expect(wrong.status == 2 && wrong.errors.contains("--label-smoothing is 1.0"))
  }

  @Test func `may end early, with the best adapter, and is then finished`() throws {
    let workshop = try Workshop()
    let flags = [
      "--iters", "400", "--eval-every", "2", "--patience", "3", "--learning-rate", "0.3",
    ]
    let answer = try Lowrank(workshop.training(into: "a") + flags)
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(answer.errors.contains("stopped early: loss has not improved in 3 evaluations"))
    let report = try answer.json()
    let (steps, best) = (try #require(report["steps"]?.integer), report["best_step"]?.integer ?? 0)
    #expect(steps == best + 6 && steps < 400)
    let evaluated = try Lowrank(
      "evaluate", "--model", workshop.model.path, "--adapter", workshop.place("a").path, "--data",
      workshop.data.path, "--precision", "f32", "--json"
    ).json()
    let kept = try #require(report["valid_loss"]?.double)
    #expect(abs(try #require(evaluated["loss"]?.double) - kept) < 1e-6)
    let again = try Lowrank(workshop.training(into: "a", "--resume") + flags)
    #expect(again.status == 0 && again.errors.contains("the run is finished"))
    let blind = try Lowrank(workshop.training(into: "b", "--patience", "3"))
    #expect(blind.status == 2 && blind.errors.contains("with --eval-every"))
  }

  @Test func `a disk that fills keeps the last state, and says so`() throws {
    let workshop = try Workshop()
    let flags = ["--iters", "6", "--save-every", "2", "--save-total-limit", "3"]
    #expect(try Lowrank(workshop.training(into: "whole") + flags).status == 0)
    // Metrics grow with the steps: at some save they no longer fit into two blocks of 512 bytes.
    let big = try Lowrank(
      workshop.training(into: "a", "--iters", "400", "--save-every", "20"), shell: "ulimit -f 60")
    #expect(big.status == 1)
    let history = StateHistory(inAdapter: workshop.place("a"))
    let state = try #require(try history.newest { Issue.record("\($0)") })
    #expect(state.number > 0 && state.number < 400)
    _ = try AdapterFolder(at: workshop.place("a"))
  }
}
