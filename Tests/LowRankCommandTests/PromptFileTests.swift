import Foundation
import LowRank
import Testing

@Suite struct `A file of prompts` {
  private func prompts(_ rows: String, _ more: [String] = []) throws -> (Lowrank, [String]) {
    let workshop = try Workshop()
    let file = workshop.place("prompts.jsonl")
    try rows.write(to: file, atomically: true, encoding: .utf8)
    let answer = try Lowrank(
      [
        "generate", "--model", workshop.model.path, "--prompt-file", file.path, "--max-tokens", "1",
        "--json",
      ] + more)
    guard answer.status == 0 else { return (answer, []) }
    let texts = try answer.json()["completions"]?.array?.compactMap { $0.object?["prompt"]?.string }
    return (answer, texts ?? [])
  }

  @Test(arguments: [
    (#"{"prompt": "a", "question": "b", "text": "c"}"#, "a", false),
    (#"{"text": "c", "label": 1}"#, "c", false),
    (#"{"question": "b", "answer": "d"}"#, "b", true),
    (#"{"mr": "m", "ref": "r"}"#, "m", true),
    (#"{"meaning_representation": "m"}"#, "m", true),
    (#"{"query": "q"}"#, "q", true), (#"{"problem": "p"}"#, "p", true),
    (#"{"input": "i", "output": "o"}"#, "i", true),
    (#"{"instruction": "say", "output": "o"}"#, "say", true),
    (#"{"instruction": "say", "input": "it", "output": "o"}"#, "say\nit", true),
    (#"{"instruction": "say", "context": "", "response": "o"}"#, "say", true),
    (#"{"instruction": "say", "context": "c", "response": "o"}"#, "say\nc", true),
  ])
  func `has its prompts in a column with a usual name`(
    row: String, prompt: String, isNoted: Bool
  ) throws {
    let (answer, texts) = try prompts(row + "\n")
    #expect(texts == [prompt], "\(answer.errors)")
    #expect(answer.errors.contains("prompts.jsonl: the prompts are \"") == isNoted)
  }

  @Test func `has them where a flag says`() throws {
    let (answer, texts) = try prompts(
      #"{"prompt": "a", "said": "b"}"# + "\n", ["--prompt-column", "said"])
    #expect(texts == ["b"], "\(answer.errors)")
  }

  @Test(arguments: [
    (#"{"question": "a", "query": "b"}"#, "\"question\" or \"query\" may be the prompt"),
    (#"{"said": "a"}"#, "no key is known to hold the prompt"),
  ])
  func `is refused with its columns where none is meant`(row: String, sentence: String) throws {
    let (answer, _) = try prompts(row + "\n")
    #expect(answer.status == 1)
    #expect(answer.errors.contains(sentence), "\(answer.errors)")
    #expect(answer.errors.contains("name it with --prompt-column, the keys are "))
  }
}
