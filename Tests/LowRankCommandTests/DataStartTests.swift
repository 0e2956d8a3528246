import Foundation
import LowRank
import Testing

@Suite struct `A run whose factors start from its data` {
  private func tensors(_ folder: URL) throws -> [String: [Float]] {
    let file = try SafetensorsFile(at: folder.appending(path: "adapter_model.safetensors"))
    return Dictionary(
      uniqueKeysWithValues: try file.tensors.map { ($0.name.text, try $0.floats()) })
  }

  private static let starts = [
    "eva", "eva:rho=1,batches=3", "corda", "corda:mode=kpm", "lora-ga", "lora-one", "covariance",
  ]

  @Test(arguments: starts, ["lora", "dora"])
  func `continues from its state without collecting statistics again`(
    start: String, method: String
  ) throws {
    let workshop = try Workshop()
    let flags = [
      "--init", start, "--method", method, "--iters", "4", "--save-every", "2", "--target",
      "q_proj,v_proj,down_proj",
    ]
    let whole = try Lowrank(workshop.training(into: "whole") + flags)
    #expect(whole.status == 0, "\(whole.errors)")
    #expect(try Lowrank(workshop.training(into: "part") + flags).status == 0)
    let states = StateHistory(inAdapter: workshop.place("part"))
    try FileManager.default.removeItem(at: states.place(of: 4))
    let resumed = try Lowrank(workshop.training(into: "part", "--resume") + flags)
    #expect(
      resumed.status == 0 && resumed.errors.contains("after step 2 of 4"), "\(resumed.errors)")
    #expect(!resumed.errors.contains("statistics") && !resumed.errors.contains("decomposing"))
    #expect(try tensors(workshop.place("part")) == tensors(workshop.place("whole")))
    let adapter = workshop.place("whole").path
    let evaluated = try Lowrank(
      "evaluate", "--model", workshop.model.path, "--adapter", adapter, "--data",
      workshop.data.appending(path: "valid.jsonl").path, "--json")
    #expect(evaluated.status == 0, "\(evaluated.errors)")
  }

  @Test func `says which ranks it gives, and keeps their sum`() throws {
    let workshop = try Workshop()
    let flags = ["--init", "eva", "--target", "all-linear", "--iters", "1"]
    let answer = try Lowrank(workshop.training(into: "a") + flags)
    #expect(answer.status == 0 && answer.errors.contains("ranks from "), "\(answer.errors)")
    let downs = try tensors(workshop.place("a")).filter { $0.key.contains("lora_A") }
    let rank = downs.reduce(0) { $0 + $1.value.count / ($1.key.contains("down_proj") ? 24 : 16) }
    #expect(rank == 2 * 14)
  }

  @Test func `is planned without collecting statistics`() throws {
    let workshop = try Workshop()
    let flags = ["--init", "covariance", "--target", "all-linear", "--dry-run"]
    let plan = try Lowrank(workshop.training(into: "a") + flags).json()
    let memory = try #require(plan["memory_bytes"]?.object)
    #expect(try #require(memory["statistics"]?.integer) >= 0)
    let text = try Lowrank(workshop.training(into: "a") + flags)
    #expect(!text.errors.contains("statistics"))
  }

  @Test func `is the same in groups of modules`() throws {
    let workshop = try Workshop()
    let flags = ["--init", "covariance", "--target", "all-linear", "--iters", "1"]
    #expect(try Lowrank(workshop.training(into: "a") + flags).status == 0)
    let grouped = try Lowrank(
      workshop.training(into: "b", "--statistics-memory", "1MB") + flags)
    #expect(grouped.status == 0, "\(grouped.errors)")
    #expect(try tensors(workshop.place("a")) == tensors(workshop.place("b")))
  }

  @Test(arguments: [
    (
      ["--init", "corda:mode=imp"], "--init corda: mode is \"imp\", expected ipm or kpm"
    ),
    (
      ["--init", "eva:batchs=3"],
      "--init eva has no option \"batchs\"; its options are batches, rho; did you mean \"batches\"?"
    ),
    (["--init", "eva:gamma=3"], "has no option \"gamma\", which is one of lora-ga, lora-one"),
    (["--init", "eva:batches=0"], "batches is \"0\", expected a whole number from 1 to 100000"),
    (["--init", "lora-gaa"], "did you mean \"lora-ga\"?"),
    (["--init", "lora-ga", "--rank", "9"], "--rank is 9 for model.layers.0."),
    (
      ["--init", "lora-ga", "--target", "lm_head"],
      "the start lora-ga cannot adapt a head, whose gradients are never there as a whole"
    ),
    (["--init", "eva", "--target", "embed_tokens"], "the start eva cannot adapt a table"),
    (["--init", "eva", "--statistics-memory", "12"], "--statistics-memory is \"12\", expected"),
    (["--statistics-memory", "2GB"], "--statistics-memory has no effect without an --init"),
    (["--method", "hira", "--init", "corda"], "--method hira does not go with --init corda: "),
  ])
  func `refuses what cannot be`(flags: [String], sentence: String) throws {
    let workshop = try Workshop()
    let answer = try Lowrank(workshop.training(into: "a", "--iters", "1") + flags)
    #expect(answer.status == 2 && answer.errors.contains(sentence), "\(answer.errors)")
    #expect(!FileManager.default.fileExists(atPath: workshop.place("a").path))
  }
}
