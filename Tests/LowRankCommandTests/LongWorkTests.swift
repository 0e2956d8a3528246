import Foundation
import LowRank
import LowRankTestHub
import Testing

/// Every verb that can take long says what it does.
@Suite struct `Long work` {
  /// What a verb says where work is shown as soon as it begins.
  private static func said(_ arguments: [String]) throws -> String {
    let answer = try Lowrank(arguments, environment: ["LOWRANK_PROGRESS_DELAY": "0"])
    #expect(answer.status == 0, "\(answer.errors)")
    return answer.errors
  }

  private static func expect(_ activities: [String], in said: String) {
    for activity in activities {
      #expect(
        said.split(separator: "\n").contains { $0.hasPrefix(activity) }, "\(activity): \(said)")
    }
  }

  @Test func `is reported of models, data and evaluation`() throws {
    let workshop = try Workshop()
    let said = try Self.said([
      "evaluate", "--model", workshop.model.path, "--data", workshop.data.path,
    ])
    Self.expect(
      [
        "loading \(workshop.model.path)", "reading \(workshop.data.path)",
        "encoding \(workshop.data.path)", "evaluating \(workshop.data.path)",
      ], in: said)
  }

  @Test func `is reported of predictions and vectors`() throws {
    let workshop = try ClassifierWorkshop()
    let adapter = try workshop.trained().path
    let data = workshop.data.appending(path: "valid.tsv").path
    let flags = ["--model", workshop.model.path, "--data", data]
    let predicted = try Self.said(["predict", "--adapter", adapter] + flags)
    Self.expect(["predicting \(data)  24 of 24 rows"], in: predicted)
    let evaluated = try Self.said(["evaluate", "--adapter", adapter] + flags)
    Self.expect(["evaluating \(data)  24 of 24 rows"], in: evaluated)
    let embedded = try Self.said(["embed", "--text-column", "sentence"] + flags)
    Self.expect(["embedding \(data)  24 of 24 texts"], in: embedded)
  }

  @Test func `is reported of an adapter's verbs`() throws {
    let workshop = try Workshop()
    let trained = try Lowrank(workshop.training(into: "a", "--iters", "4"))
    #expect(trained.status == 0, "\(trained.errors)")
    let (adapter, model) = (workshop.place("a").path, workshop.model.path)
    let valid = workshop.data.appending(path: "valid.jsonl").path
    func place(_ name: String) -> String { workshop.place(name).path }
    Self.expect(
      [
        "loading ", "merging  4 of 4 modules", "preparing weights", "writing model.safetensors",
        "checking what was written", "comparing with base and adapter", "identifying the base",
        "waiting for the disk",
      ],
      in: try Self.said([
        "merge", "--model", model, "--adapter", adapter, "--output", place("merged"),
      ]))
    Self.expect(
      ["decomposing updates  4 of 4 modules", "cutting modules"],
      in: try Self.said(["compress", adapter, "--output", place("small"), "--uniform", "1"]))
    Self.expect(
      ["sweeping", "calibrating"],
      in: try Self.said([
        "compress", adapter, "--sweep", "--model", model, "--data", valid, "--calibrate", valid,
      ]))
    let search = try Self.said([
      "compress", adapter, "--output", place("found"), "--max-loss-increase", "100%", "--model",
      model, "--data", valid,
    ])
    Self.expect(["searching ", "comparing predictions on \(valid)"], in: search)
    let end = search.split(separator: "\n").last { $0.hasPrefix("searching ") }
    #expect(end?.contains(/^searching .+ [1-9]\d* of \d+ tries/) == true, "\(end ?? "")")
    Self.expect(
      [
        "decomposing updates", "comparing subspaces", "comparing layers",
        "comparing with the weights", "comparing predictions on \(valid)", "recording inputs",
        "comparing with the inputs", "leaving out each module", "leaving out each direction",
      ],
      in: try Self.said([
        "analyze", adapter, adapter, "--layers", "--model", model, "--intruders", "--data", valid,
        "--ablate", "--directions", "1",
      ]))
    Self.expect(
      ["decomposing differences", "comparing other tensors"],
      in: try Self.said([
        "extract", "--base", model, "--tuned", place("merged"), "--output", place("e"),
      ]))
    Self.expect(
      ["combining modules", "measuring the sum"],
      in: try Self.said(["combine", adapter, place("e"), "--output", place("sum")]))
    Self.expect(["comparing updates"], in: try Self.said(["diff", adapter, adapter]))
    Self.expect(
      ["checking the conversion"],
      in: try Self.said([
        "convert", adapter, "--to", "gguf", "--model", model, "--output",
        place("a.gguf"),
      ]))
  }

  @Test func `is reported of what comes from the hub`() async throws {
    try await HubBeside.run { beside in
      let answer = try await beside.lowrank(
        ["pull", HubBeside.name], ["LOWRANK_PROGRESS_DELAY": "0"])
      #expect(answer.status == 0, "\(answer.errors)")
      #expect(answer.errors.contains("fetching owner/tiny  "), "\(answer.errors)")
    }
  }

  @Test func `is reported of what is sent to the hub`() async throws {
    try await HubBeside.run { beside in
      beside.hub.add(TestToken("hf_test"))
      let trained = try Lowrank(beside.workshop.training(into: "a", "--iters", "1"))
      #expect(trained.status == 0, "\(trained.errors)")
      let answer = try await beside.lowrank(
        ["push", beside.workshop.place("a").path, "me/a"],
        ["HF_TOKEN": "hf_test", "LOWRANK_PROGRESS_DELAY": "0"])
      #expect(answer.status == 0, "\(answer.errors)")
      let size =
        try beside.workshop.place("a").appending(path: "adapter_model.safetensors")
        .resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
      #expect(size > 1000)
      let text = "\(Int((Double(size) / 1e3).rounded())) kB"
      #expect(
        answer.errors.contains("sending adapter_model.safetensors  \(text) of \(text)"),
        "\(answer.errors)")
    }
  }
}
