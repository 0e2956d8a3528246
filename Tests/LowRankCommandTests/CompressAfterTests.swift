import Foundation
import LowRank
import Testing

@Suite struct `Pruning at the end of a run` {
  @Test(arguments: [("keep=0.25", "lora"), ("uniform=1", "loha"), ("energy=0.9", "hira")])
  func `writes the pruned adapter and both scores`(policy: String, method: String) throws {
    let workshop = try Workshop()
    let run = try Lowrank(
      workshop.training(
        into: "a", "--iters", "3", "--method", method, "--compress-after", policy))
    #expect(run.status == 0, "\(run.errors)")
    let json = try run.json()
    let facts = try #require(json["compressed"]?.object)
    #expect(facts["adapter"]?.string?.hasSuffix("/a/compressed") == true)
    let (before, after) = (
      try #require(facts["valid_loss_before"]?.double),
      try #require(facts["valid_loss_after"]?.double)
    )
    #expect(abs(before - (try #require(json["valid_loss"]?.double))) < 1e-4)
    #expect(run.errors.contains("pruned by --"))
    let evaluated = try Lowrank(
      "evaluate", "--model", workshop.model.path, "--adapter",
      workshop.place("a").appending(path: "compressed").path, "--data",
      workshop.data.appending(path: "valid.jsonl").path, "--precision", "f32", "--json"
    ).json()
    #expect(abs(after - (try #require(evaluated["loss"]?.double))) < 1e-4)
    // What the run itself made stays as it is.
    let config = try JSONFile(
      at: workshop.place("a").appending(path: "adapter_config.json"))
    #expect(config["peft_type"] == .string(method.uppercased()))
  }

  @Test func `cuts directions that were trained to be used alone as compress does`() throws {
    let workshop = try Workshop()
    let run = try Lowrank(
      workshop.training(
        into: "a", "--iters", "3", "--rank", "4", "--ranks", "dylora", "--compress-after",
        "uniform=2"))
    #expect(run.status == 0 && !run.errors.contains("of the energy"), "\(run.errors)")
    let cut = try Lowrank(
      "compress", workshop.place("a").path, "--uniform", "2", "--output",
      workshop.place("cut").path)
    #expect(cut.status == 0 && !cut.errors.contains("of the energy"), "\(cut.errors)")
    func factors(_ place: URL) throws -> [UInt8] {
      Array(try Data(contentsOf: place.appending(path: "adapter_model.safetensors")))
    }
    let ended = workshop.place("a").appending(path: "compressed")
    #expect(try factors(ended) == factors(workshop.place("cut")))
  }

  @Test(arguments: ["1", "9"])
  func `refuses a rank that the run does not train`(rank: String) throws {
    let workshop = try Workshop()
    let run = try Lowrank(
      workshop.training(
        into: "a", "--iters", "3", "--rank", "4", "--ranks", "dylora:r_min=2", "--compress-after",
        "uniform=\(rank)"))
    let sentence =
      "--compress-after uniform is \(rank), expected one of the ranks that the run trains, 2 to 4"
    #expect(run.status == 2 && run.errors.contains(sentence), "\(run.errors)")
    #expect(!FileManager.default.fileExists(atPath: workshop.place("a").path))
  }

  @Test func `warns of discarded energy, and names its own flag where a budget is too small`()
    throws
  {
    let workshop = try Workshop()
    let run = try Lowrank(
      workshop.training(into: "a", "--iters", "3", "--compress-after", "parameters=64"))
    #expect(
      run.errors.contains("warning: --compress-after parameters=64 discards "), "\(run.errors)")
    let small = try Lowrank(
      workshop.training(into: "b", "--iters", "3", "--compress-after", "size=100"))
    #expect(
      small.status == 2 && small.errors.contains("--compress-after size=100 is too small: "),
      "\(small.errors)")
    let high = try Lowrank(workshop.training(into: "c", "--compress-after", "keep=2"))
    #expect(high.errors.contains("--compress-after keep is 2.0, expected "), "\(high.errors)")
  }

  @Test(arguments: ["keep", "keep=2", "size=x", "keeps=0.5"])
  func `refuses what is no policy before it trains`(policy: String) throws {
    let workshop = try Workshop()
    let run = try Lowrank(workshop.training(into: "a", "--compress-after", policy))
    #expect(run.status == 2, "\(run.errors)")
    #expect(!FileManager.default.fileExists(atPath: workshop.place("a").path))
  }
}
