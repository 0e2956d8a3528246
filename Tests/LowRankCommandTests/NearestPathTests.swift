import Foundation
import LowRank
import Testing

@Suite struct `A misspelt path of a model` {
  @Test func `is answered with the folder that is near`() throws {
    let workshop = try Workshop()
    try FileManager.default.createDirectory(
      at: workshop.place("models/small"), withIntermediateDirectories: true)
    try FileManager.default.moveItem(at: workshop.model, to: workshop.place("models/small/tiny"))
    func said(_ model: String, _ more: [String] = []) throws -> String {
      let answer = try Lowrank(
        ["evaluate", "--model", model, "--data", "data"] + more, in: workshop.root)
      #expect(answer.status == 1, "\(answer.errors)")
      return answer.errors
    }
    let problem = "does not exist: expected a model's folder; did you mean"
    // This one could also be a name on the hub, which is asked first.
    #expect(try said("models/smal") == "error: models/smal \(problem) models/small?\n")
    #expect(
      try said("./models/smal/tiny")
        == "error: ./models/smal/tiny \(problem) ./models/small/tiny?\n")
    #expect(
      try said("models/smal/tinny") == "error: models/smal/tinny \(problem) models/small/tiny?\n")
    let whole = workshop.place("models/small/tinyy")
    #expect(try said(whole.path) == "error: \(whole.path) \(problem) \(whole.path.dropLast())?\n")
    // Nothing is near, and nothing is made up.
    #expect(
      try said("./models/qwen").hasSuffix(
        "does not exist: expected a model's folder or a GGUF file\n"))
    #expect(try said("owner/none").contains("or a name on the hub; owner/none is not in "))
    #expect(try said("models/qwen").contains("or a name on the hub; models holds no such name; "))
    let inspected = try Lowrank(["inspect", "./nothing.gguf"], in: workshop.root)
    #expect(
      inspected.errors
        == "error: ./nothing.gguf does not exist: expected a model, an adapter, or a file of tensors\n"
    )
    // The data are no model's folder, but an adapter may be a file.
    try Data().write(to: workshop.place("models/style.gguf"))
    let adapter = try said("models/small/tiny", ["--adapter", "models/stile.gguf"])
    #expect(
      adapter
        == "error: models/stile.gguf is not the folder of an adapter: it does not exist; did you mean models/style.gguf?\n"
    )
  }

  @Test func `without a folder is answered with a model that is here`() throws {
    let workshop = try Workshop()
    try FileManager.default.moveItem(at: workshop.model, to: workshop.place("stories260K"))
    func said(_ model: String) throws -> String {
      let answer = try Lowrank(
        ["evaluate", "--model", model, "--data", "data"], in: workshop.root)
      #expect(answer.status == 1, "\(answer.errors)")
      return answer.errors
    }
    #expect(
      try said("stories260k").hasSuffix("; did you mean stories260K, which is here?\n"))
    // A folder of that name is near, but holds no model.
    #expect(try !said("dat").contains("did you mean"))
  }

  @Test func `of data is answered with the file or folder that is near`() throws {
    let workshop = try Workshop()
    func said(_ flags: [String], status: Int32 = 1) throws -> String {
      let answer = try Lowrank(
        ["evaluate", "--model", "model"] + flags, in: workshop.root)
      #expect(answer.status == status, "\(answer.errors)")
      return String(answer.errors.split(separator: "\n").last ?? "")
    }
    let problem = "there is no such file or folder"
    #expect(
      try said(["--data", "data/trian.jsonl"])
        == "error: data/trian.jsonl: \(problem); did you mean data/train.jsonl?")
    #expect(
      try said(["--data", "./dta"]) == "error: ./dta: \(problem); did you mean ./data?")
    #expect(try said(["--data", "dta"]).hasSuffix("; did you mean data?"))
    #expect(try said(["--data", "./other.jsonl"]) == "error: ./other.jsonl: \(problem)")
    for flags in [[], ["--data", "data"]] {
      let trained = try Lowrank(
        ["train", "--model", "model", "--adapter-path", "a", "--train-file", "data/trian.jsonl"]
          + flags, in: workshop.root)
      #expect(trained.status == 1)
      #expect(
        trained.errors.hasSuffix(
          "error: data/trian.jsonl: \(problem); did you mean data/train.jsonl?\n"),
        "\(trained.errors)")
    }
  }

  @Test func `of an adapter says what is missing`() throws {
    let workshop = try AdapterWorkshop()
    let root = workshop.workshop.root
    for folder in ["empty", "some", "ad"] {
      try FileManager.default.createDirectory(
        at: root.appending(path: folder), withIntermediateDirectories: true)
    }
    try FileManager.default.copyItem(
      at: workshop.config, to: root.appending(path: "some/adapter_config.json"))
    try FileManager.default.moveItem(at: workshop.adapter, to: root.appending(path: "ad/s"))
    for (adapter, reason) in [
      ("./empty", "it is empty"),
      ("./ad", "it holds no adapter_config.json; s in it is an adapter"),
      ("./some", "it holds adapter_config.json, but no adapter_model.safetensors"),
      ("./model", "it holds no adapter_config.json"),
    ] {
      let answer = try Lowrank(
        ["score", "--model", "model", "--ids", "1,2", "--adapter", adapter], in: root)
      #expect(answer.status == 1)
      #expect(
        answer.errors.hasSuffix("error: \(adapter) is not the folder of an adapter: \(reason)\n"),
        "\(answer.errors)")
    }
  }

  @Test func `may begin with the home folder between quotes`() throws {
    let workshop = try Workshop()
    let answer = try Lowrank(
      ["evaluate", "--model", "~/model", "--data", "data"], in: workshop.root,
      environment: ["HOME": workshop.root.path])
    #expect(answer.status == 1)
    #expect(answer.errors.contains("did you mean \(workshop.root.path)/model?"), "\(answer.errors)")
  }
}
