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

  @Test func `may begin with the home folder between quotes`() throws {
    let workshop = try Workshop()
    let answer = try Lowrank(
      ["evaluate", "--model", "~/model", "--data", "data"], in: workshop.root,
      environment: ["HOME": workshop.root.path])
    #expect(answer.status == 1)
    #expect(answer.errors.contains("did you mean \(workshop.root.path)/model?"), "\(answer.errors)")
  }
}
