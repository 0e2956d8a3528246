import Foundation
import LowRank
import Testing

@Suite struct `Conversations as training data` {
  private func loss(_ workshop: Workshop, _ data: URL, _ more: [String]) throws -> Double {
    let answer = try Lowrank(
      [
        "evaluate", "--model", workshop.model.path, "--data",
        data.appending(path: "train.jsonl").path, "--precision", "f32", "--json",
      ] + more)
    return try #require(try answer.json()["loss"]?.double, "\(answer.errors)")
  }

  private func trained(_ workshop: Workshop, _ data: URL, _ more: String...) throws -> URL {
    let answer = try Lowrank(
      [
        "train", "--model", workshop.model.path, "--data", data.path, "--adapter-path",
        workshop.place("a").path, "--rank", "4", "--batch-size", "2", "--learning-rate", "0.03",
        "--iters", "150", "--precision", "f32", "--json",
      ] + more)
    #expect(answer.status == 0, "\(answer.errors)")
    return workshop.place("a")
  }

  @Test func `are trained, and the template travels with the adapter`() throws {
    let workshop = try Workshop()
    let data = try workshop.conversations(withTemplate: false)
    try workshop.write(Workshop.template, to: workshop.root, "t.jinja")
    let adapter = try trained(
      workshop, data, "--chat-template", workshop.place("t.jinja").path)
    let file = adapter.appending(path: "chat_template.jinja")
    #expect(try String(contentsOf: file, encoding: .utf8) == Workshop.template)
    let before = try loss(workshop, data, ["--chat-template", file.path])
    let after = try loss(workshop, data, ["--adapter", adapter.path])
    #expect(after < 0.3 * before, "\(before) → \(after)")

    let answer = try Lowrank(
      "generate", "--model", workshop.model.path, "--adapter", adapter.path, "--chat", "--prompt",
      "hi", "--precision", "f32", "--max-tokens", "8", "--json")
    let said = try answer.json()["completions"]?.array?.first?.object
    #expect(said?["prompt"] == "hi" && said?["completion"] == "ho", "\(answer.errors)")
  }

  @Test func `are merged and pruned with their template`() throws {
    let workshop = try Workshop()
    let adapter = try trained(workshop, try workshop.conversations())
    for flags in [
      ["merge", "--model", workshop.model.path, "--adapter", adapter.path],
      ["compress", adapter.path, "--keep", "0.5"],
      ["convert", adapter.path, "--to", "mlx"],
    ] {
      let output = workshop.place(flags[0])
      let answer = try Lowrank(flags + ["--output", output.path])
      #expect(answer.status == 0, "\(answer.errors)")
      let file = output.appending(path: "chat_template.jinja")
      #expect(try String(contentsOf: file, encoding: .utf8) == Workshop.template)
    }
  }

  @Test func `an adapter of texts brings no template`() throws {
    let workshop = try Workshop()
    _ = try workshop.conversations()
    _ = try Lowrank(workshop.training(into: "b", "--iters", "1"))
    #expect(AdapterFolder.template(in: workshop.place("b")) == nil)
  }

  @Test(arguments: [
    (["--system", "a"], "--system has no effect without --chat"),
    (["--chat"], "--chat needs a chat template"),
    (["--chat", "--chat-template", "none.jinja"], "cannot read none.jinja"),
  ])
  func `a chat that cannot be had is refused`(flags: [String], sentence: String) throws {
    let workshop = try Workshop()
    let answer = try Lowrank(
      ["generate", "--model", workshop.model.path, "--prompt", "a"] + flags)
    #expect(answer.status != 0 && answer.errors.contains(sentence), "\(answer.errors)")
  }
}
