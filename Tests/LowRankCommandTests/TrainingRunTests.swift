import Foundation
import LowRank
import LowRankCheckpoints
import Testing

@Suite struct `A training run` {
  private func factors(_ folder: URL) throws -> Data {
    try Data(contentsOf: folder.appending(path: "adapter_model.safetensors"))
  }

  @Test func `reports what it did`() throws {
    let workshop = try Workshop()
    let answer = try Lowrank(workshop.training(into: "a", "--iters", "12", "--eval-every", "4"))
    #expect(answer.status == 0, "\(answer.errors)")
    let report = try answer.json()
    #expect(report["steps"]?.integer == 12)
    #expect(report["adapter"]?.string == workshop.place("a").relativePath)
    // Queries and values of two layers: 2 · (16 + 16) and 2 · (16 + 8) numbers each.
    #expect(report["trainable_parameters"]?.integer == 2 * (64 + 48))
    let first = try #require(report["valid_loss"]?.double)
    let evaluated = try Lowrank(
      "evaluate", "--model", workshop.model.path, "--adapter", workshop.place("a").path, "--data",
      workshop.data.path, "--precision", "f32", "--json"
    ).json()
    #expect(abs(try #require(evaluated["loss"]?.double) - first) < 1e-6)
    let metrics = try String(
      contentsOf: workshop.place("a").appending(path: "state/metrics.jsonl"), encoding: .utf8)
    #expect(metrics.split(separator: "\n").count == 12 + 3)
  }

  @Test func `continues bit for bit after it was interrupted`() throws {
    let workshop = try Workshop()
    let flags = ["--iters", "3000", "--dropout", "0.1", "--target", "all-linear"]
    let whole = try Lowrank(workshop.training(into: "whole") + flags)
    #expect(whole.status == 0, "\(whole.errors)")
    let running = try Lowrank.Running(workshop.training(into: "part") + flags)
    while running.process.isRunning, !(try running.errors().contains("step ")) { usleep(10_000) }
    running.process.interrupt()
    let stopped = try running.finish()
    #expect(stopped.status == 130, "\(stopped.errors)")
    #expect(stopped.errors.contains("continue with --resume"))
    #expect(try factors(workshop.place("part")) != factors(workshop.place("whole")))
    let resumed = try Lowrank(workshop.training(into: "part") + flags + ["--resume"])
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try factors(workshop.place("part")) == factors(workshop.place("whole")))
    let before = try factors(workshop.place("part"))
    let again = try Lowrank(workshop.training(into: "part") + flags + ["--resume"])
    #expect(again.status == 0)
    #expect(try factors(workshop.place("part")) == before)
  }

  @Test func `is not resumed as another run`() throws {
    let workshop = try Workshop()
    _ = try Lowrank(workshop.training(into: "a", "--iters", "2"))
    let other = try Lowrank(workshop.training(into: "a", "--iters", "3", "--resume"))
    #expect(other.status == 2)
    #expect(other.errors.contains("the run has 2 steps, and this command asks for 3"))
    for (flags, key) in [
      (["--alpha", "32"], "the run began with --alpha 4, and this command has --alpha 32"),
      (
        ["--dropout", "0.3"], "the run began with --dropout 0, and this command has --dropout 0.3"
      ),
      (["--rslora"], "the run began without --rslora"),
      (["--target", "k_proj"], "this command has --target k_proj; give --target q_proj,v_proj"),
    ] {
      let changed = try Lowrank(
        workshop.training(into: "a", "--iters", "2", "--resume") + flags)
      #expect(changed.status == 2 && changed.errors.contains(key), "\(changed.errors)")
    }
    let rows = workshop.data.appending(path: "train.jsonl")
    let text = try String(contentsOf: rows, encoding: .utf8)
    try text.replacing("a", with: "b").write(to: rows, atomically: true, encoding: .utf8)
    let elsewhere = try Lowrank(workshop.training(into: "a", "--iters", "2", "--resume"))
    #expect(
      elsewhere.status == 2 && elsewhere.errors.contains("the rows to train on are not those"))
  }

  @Test func `resumes a state from before a flag existed as one that was not given it`() throws {
    let workshop = try Workshop()
    let flags = ["--iters", "2", "--resume"]
    #expect(try Lowrank(workshop.training(into: "a") + flags).status == 0)
    let folder = StateHistory(inAdapter: workshop.place("a")).place(of: 2)
    let place = folder.appending(path: "state.json")
    var state = try JSONFile(at: place).object
    var settings = try #require(state["settings"]?.object)
    for key in ["lr_floor", "lr_power", "lr_timescale", "no_decay"] {
      #expect(settings[key] == .null)
      settings[key] = nil
    }
    state["settings"] = .object(settings)
    // Its closing evaluation and its save are still to come.
    state["finished"] = .bool(false)
    try JSONValue.object(state).write(to: place)
    try sign(place, in: folder)
    for (changed, sentence) in [
      (["--lr-floor", "1e-4"], "the run began without --lr-floor 0.0001; leave it out"),
      (["--no-decay", "none"], "the run began without --no-decay"),
    ] {
      let other = try Lowrank(workshop.training(into: "a") + flags + changed)
      #expect(
        other.status == 2 && other.errors.contains(sentence), "\(other.errors)")
    }
    // What says no more than the default is no other run.
    let defaults = ["--lr-floor", "0", "--no-decay", "norm,bias"]
    let resumed = try Lowrank(workshop.training(into: "a") + flags + defaults)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try JSONFile(at: place).bool("finished"))
  }

  /// Enters a file as it now is into the manifest of its state.
  private func sign(_ file: URL, in folder: URL) throws {
    let url = folder.appending(path: "manifest.json")
    var manifest = try JSONFile(at: url).object
    var files = try #require(manifest["files"]?.object)
    let bytes = try Data(contentsOf: file)
    files[file.lastPathComponent] = [
      "bytes": .integer(bytes.count),
      "murmur3": .string(bytes.withUnsafeBytes { MurmurHash3(of: $0).hexadecimal }),
    ]
    manifest["files"] = .object(files)
    try JSONValue.object(manifest).write(to: url)
  }

  @Test func `is not resumed without a flag it had`() throws {
    let workshop = try Workshop()
    let flags = ["--iters", "2"]
    let floor = ["--lr-schedule", "polynomial", "--lr-power", "2", "--lr-floor", "1e-4"]
    #expect(try Lowrank(workshop.training(into: "a") + flags + floor).status == 0)
    let other = try Lowrank(
      workshop.training(into: "a") + flags + floor.prefix(4) + ["--resume"])
    #expect(
      other.status == 2
        && other.errors.contains("the run began with --lr-floor 0.0001; give it again"))
    #expect(try Lowrank(workshop.training(into: "a") + flags + floor + ["--resume"]).status == 0)
  }

  @Test func `that replaces another does not go on with its states`() throws {
    let workshop = try Workshop()
    let place = workshop.place("a")
    #expect(
      try Lowrank(workshop.training(into: "a", "--iters", "60", "--save-every", "20")).status == 0)
    #expect(StateHistory(inAdapter: place).steps == [60, 40])
    let flags = ["--iters", "9", "--save-every", "4", "--learning-rate", "0.002", "--overwrite"]
    #expect(try Lowrank(workshop.training(into: "a") + flags).status == 0)
    #expect(StateHistory(inAdapter: place).steps == [9, 8])
  }

  @Test func `has its folder to itself`() throws {
    let workshop = try Workshop()
    let running = try Lowrank.Running(
      workshop.training(into: "a", "--iters", "100000", "--save-every", "50"))
    while running.process.isRunning, StateHistory(inAdapter: workshop.place("a")).steps.isEmpty {
      usleep(5_000)
    }
    for flag in ["--overwrite", "--resume"] {
      let other = try Lowrank(workshop.training(into: "a", "--iters", "2", flag))
      #expect(other.status == 1 && other.errors.contains("another run is writing it"))
    }
    running.process.interrupt()
    #expect(try running.finish().status == 130)
  }

  @Test func `with ranks for modules that are not adapted is refused`() throws {
    let workshop = try Workshop()
    let answer = try Lowrank(
      workshop.training(into: "a", "--iters", "1", "--rank-pattern", "down_proj=4"))
    #expect(answer.status == 2)
    #expect(answer.errors.contains("--rank-pattern is for down_proj"), "\(answer.errors)")
  }

  @Test func `takes a file of flags, which flags override`() throws {
    let workshop = try Workshop()
    let url = workshop.place("run.yaml")
    try """
    model: \(workshop.model.path)
    data: \(workshop.data.path)
    adapter_path: \(workshop.place("a").path)
    iters: 5
    learning_rate: 1e-3
    rslora: true
    target: [q_proj, o_proj]
    rank_pattern: {q_proj: 3}
    """.write(to: url, atomically: true, encoding: .utf8)
    let answer = try Lowrank("train", "-c", url.path, "--iters", "2", "--json")
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(try answer.json()["steps"]?.integer == 2)
    let config = try JSONFile(at: workshop.place("a").appending(path: "adapter_config.json"))
    #expect(try config.bool("use_rslora"))
    #expect(try config.optionalStrings("target_modules") == ["q_proj", "o_proj"])
    #expect(try config.object("rank_pattern").integer("q_proj") == 3)
  }

  @Test func `ends in an adapter that merges into the same model`() throws {
    let workshop = try Workshop()
    let flags = workshop.training(into: "a", "--iters", "5", "--target", "all-linear", "--dora")
    #expect(try Lowrank(flags).status == 0)
    let merged = try Lowrank(
      "merge", "--model", workshop.model.path, "--adapter", workshop.place("a").path, "--output",
      workshop.place("merged").path, "--json")
    #expect(merged.status == 0, "\(merged.errors)")
    #expect(try #require(try merged.json()["largest_logit_difference"]?.double) < 1e-4)
    func text(_ arguments: String...) throws -> String {
      let common = ["--precision", "f32", "--max-tokens", "12", "--prompt", "abc", "--json"]
      return try Lowrank(["generate"] + arguments + common).json()["completions"]?.text() ?? ""
    }
    let adapted = try text(
      "--model", workshop.model.path, "--adapter", workshop.place("a").path)
    #expect(try text("--model", workshop.place("merged").path) == adapted)
    #expect(!adapted.isEmpty)
  }
}
