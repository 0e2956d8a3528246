import Foundation
import LowRank
import Testing

@Suite struct `A template of prompts in the program` {
  @Test func `makes the prompts of generate, too`() throws {
    let workshop = try Workshop()
    let data = workshop.place("qa")
    try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
    // Dolly's rows.
    let rows = (0..<4).map { row in
      #"{"instruction": "say", "context": "c\#(row)", "response": "ab", "category": "x"}"#
    }
    try workshop.write(rows.joined(separator: "\n"), to: data, "dolly.jsonl")
    let template = "{context}: {instruction}\\n"
    let run = try Lowrank(
      workshop.training(into: "a", "--iters", "1", "--data", data.path)
        + ["--prompt-template", template])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("dolly.jsonl is read as the rows to train on"))
    try workshop.write(
      #"{"instruction": "go", "context": "x"}"# + "\n", to: workshop.root, "p.jsonl")
    let generate = [
      "generate", "--model", workshop.model.path, "--max-tokens", "2", "--json",
    ]
    let adapter = ["--adapter", workshop.place("a").path]
    let file = ["--prompt-file", workshop.place("p.jsonl").path]
    func prompt(_ more: [String]) throws -> JSONValue? {
      let answer = try Lowrank(generate + more)
      #expect(answer.status == 0, "\(answer.errors)")
      return try answer.json()["completions"]?.array?.first?.object?["prompt"]
    }
    #expect(try prompt(adapter + file) == "x: go\n")
    #expect(try prompt(file + ["--prompt-template", "{{{instruction}}}"]) == "{go}")
    #expect(try prompt(file + ["--prompt-column", "context"]) == "x")
    let plain = try Lowrank(generate + adapter + ["--prompt", "abc"])
    #expect(
      plain.errors.contains(
        #"was trained on prompts made by "{context}: {instruction}\n"; --prompt is continued as it is"#
      ), "\(plain.errors)")
    let inspected = try Lowrank("inspect", workshop.place("a").path, "--json").json()
    #expect(inspected["prompt_template"] == "{context}: {instruction}\n")
  }

  @Test func `of an adapter makes the prompts of a run that begins with it, and of evaluate`()
    throws
  {
    let workshop = try Workshop()
    let row = #"{"prompt": "ab", "completion": "cd", "context": "ef"}"# + "\n"
    try workshop.write(row, to: workshop.data, "train.jsonl")
    try workshop.write(row, to: workshop.data, "valid.jsonl")
    let template = ["--prompt-template", "{context}: {prompt}, "]
    let first = try Lowrank(workshop.training(into: "a", "--iters", "1") + template)
    #expect(first.status == 0, "\(first.errors)")
    let adapter = workshop.place("a").path
    let next = try Lowrank(
      workshop.training(into: "b", "--iters", "1", "--init-adapter", adapter, "--target", "x")
        .filter { $0 != "--target" && $0 != "x" && $0 != "--rank" && $0 != "2" })
    #expect(next.status == 0, "\(next.errors)")
    #expect(
      next.errors.contains(
        #"prompts are made by "{context}: {prompt}, ", as \#(adapter) was trained"#),
      "\(next.errors)")
    // "ef: ab, cd" and the end: 11 tokens, of which 3 are trained.
    #expect(next.errors.contains("1 row, 11 tokens, 3 of them trained"), "\(next.errors)")
    try workshop.write(
      #"{"prompt": "ab", "completion": "cd"}"# + "\n", to: workshop.data, "valid.jsonl")
    let other = try Lowrank(
      "evaluate", "--model", workshop.model.path, "--adapter", adapter, "--data",
      workshop.data.path)
    #expect(other.status == 0)
    #expect(
      other.errors.contains(
        #"warning: \#(workshop.data.path)/valid.jsonl: training made prompts by "{context}: {prompt}, ", but there is no "context""#
      ), "\(other.errors)")
  }

  @Test(arguments: [
    (["--prompt-template", "x"], "it names no column"),
    (["--prompt-template", "{text}", "--prompt-column", "text"], "--prompt-template contradicts"),
    (["--prompt-template", "{text}", "--text-column", "text"], "contradicts --prompt-template"),
    (
      ["--prompt-column", "text", "--completion-column", "text"],
      "the prompt and the completion are both \"text\""
    ),
    (["--completion-column", "prompt"], "the prompt and the completion are both \"prompt\""),
    (
      ["--prompt-template", "{text}", "--completion-column", "text"],
      "--prompt-template has the completion, {text}, in the prompt"
    ),
  ])
  func `is refused where it makes no sense`(flags: [String], sentence: String) throws {
    let workshop = try Workshop()
    for verb in [
      workshop.training(into: "a", "--iters", "1"),
      ["evaluate", "--model", workshop.model.path, "--data", workshop.data.path],
    ] {
      let answer = try Lowrank(verb + flags)
      #expect(answer.status == 2 && answer.errors.contains(sentence), "\(answer.errors)")
    }
  }
}
