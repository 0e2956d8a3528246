import Foundation
import LowRank
import Testing

@Suite struct `Training whole models` {
  private func pretrain(_ workshop: Workshop, _ flags: String...) throws -> Lowrank {
    try Lowrank(
      [
        "pretrain", "--data", workshop.data.path, "--output", workshop.place("whole").path,
        "--batch-size", "8", "--learning-rate", "0.01", "--precision", "f32", "--json",
      ] + flags)
  }

  private func loss(_ workshop: Workshop, _ model: URL, _ adapter: URL? = nil) throws -> Double {
    let answer = try Lowrank(
      [
        "evaluate", "--model", model.path, "--data", workshop.data.path, "--precision", "f32",
        "--json",
      ]
        + (adapter.map { ["--adapter", $0.path] } ?? [])
    ).json()
    return try #require(answer["loss"]?.double)
  }

  @Test func `begins with a configuration and a tokenizer`() throws {
    let workshop = try Workshop()
    let report = try pretrain(
      workshop, "--config", workshop.model.appending(path: "config.json").path, "--tokenizer",
      workshop.model.path, "--iters", "60"
    ).json()
    #expect(report["steps"]?.integer == 60)
    let valid = try #require(report["valid_loss"]?.double)
    #expect(try abs(loss(workshop, workshop.place("whole")) - valid) < 1e-5)
    #expect(try valid < loss(workshop, workshop.model))
  }

  @Test func `continues from a model, and the change can be extracted`() throws {
    let workshop = try Workshop()
    let report = try pretrain(workshop, "--model", workshop.model.path, "--iters", "40").json()
    let tuned = try #require(report["valid_loss"]?.double)
    let base = try loss(workshop, workshop.model)
    #expect(tuned < base)
    func extract(_ flags: String...) throws -> JSONObject {
      try Lowrank(
        [
          "extract", "--base", workshop.model.path, "--tuned", workshop.place("whole").path,
          "--output", workshop.place("change").path, "--rank", "16", "--overwrite", "--json",
        ] + flags
      ).json()
    }
    let parts = try extract()
    let partly = try loss(workshop, workshop.model, workshop.place("change"))
    #expect(partly < base && abs(partly - tuned) > 1e-4)
    #expect(parts["left_out"]?.array?.isEmpty == false)
    _ = try extract("--whole")
    #expect(try abs(loss(workshop, workshop.model, workshop.place("change")) - tuned) < 1e-4)
    let smaller = try extract("--keep", "0.25")
    #expect(smaller["rank_after"]?.integer == 52, "a quarter of 208")
  }

  @Test func `is resumed with its own settings alone, and finished only if its weights are whole`()
    throws
  {
    let workshop = try Workshop()
    func run(_ flags: String...) throws -> Lowrank {
      try Lowrank(
        [
          "pretrain", "--data", workshop.data.path, "--output", workshop.place("whole").path,
          "--model", workshop.model.path, "--precision", "f32",
        ] + flags)
    }
    #expect(try run("--iters", "2").status == 0)
    let longer = try run("--iters", "3", "--resume")
    #expect(
      longer.status == 2
        && longer.errors.contains(
          "--model \(workshop.place("whole").path) trains it further in another --output"),
      "\(longer.errors)")
    #expect(try run("--iters", "2", "--resume").errors.contains("the run is finished"))
    let file = workshop.place("whole").appending(path: "model.safetensors")
    var bytes = try Data(contentsOf: file)
    bytes[bytes.count - 1] ^= 1
    try bytes.write(to: file)
    let damaged = try run("--iters", "2", "--resume")
    #expect(
      damaged.status == 1
        && damaged.errors.contains("model.safetensors has changed since it was written"),
      "\(damaged.errors)")
  }

  @Test func `says what is missing, and what cannot be extracted`() throws {
    let workshop = try Workshop()
    for (flags, sentence) in [
      (["--config", "c.json"], "--config needs --tokenizer DIR"),
      ([], "give --model DIR, or --config"),
      (["--model", "m", "--config", "c.json"], "not both"),
    ] {
      let answer = try Lowrank(["pretrain", "--data", "d", "--output", "o"] + flags)
      #expect(answer.status == 2 && answer.errors.contains(sentence), "\(answer.errors)")
    }
    let equal = try Lowrank(
      "extract", "--base", workshop.model.path, "--tuned", workshop.model.path, "--output",
      workshop.place("x").path)
    #expect(equal.status == 1 && equal.errors.contains("nothing to extract"))
    let named = try Lowrank(
      "extract", "--base", workshop.model.path, "--tuned", workshop.model.path, "--output",
      workshop.place("x").path, "--target", "nothing")
    #expect(named.status == 2 && named.errors.contains("q_proj"))
  }
}
