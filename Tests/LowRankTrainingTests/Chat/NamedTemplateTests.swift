import Foundation
import LowRankCheckpoints
import LowRankTemplates
import LowRankTokenizers
import LowRankTraining
import Testing

/// Named templates against transformers, by a fixture of `Oracles/named_templates_fixture.py`.
@Suite struct `A named chat template` {
  let folder: TemporaryFolder
  let reference: JSONFile

  init() throws {
    folder = try TemporaryFolder()
    reference = try fixture("named_templates.json")
    _ = try folder.file(
      "tokenizer_config.json", #"{"bos_token": "<s>", "eos_token": "</s>"}"#)
  }

  private func entry(_ named: NamedTemplate) throws -> JSONObject {
    try #require(
      reference.array("templates").lazy.compactMap(\.object)
        .first { $0["name"]?.string == named.rawValue })
  }

  @Test(arguments: NamedTemplate.allCases)
  func `is rendered as transformers renders it, marks included`(named: NamedTemplate) throws {
    let entry = try entry(named)
    #expect(named.source == entry["source"]?.string)
    let renderer = TemplateRenderer(named, inModelFolder: folder.url)
    let cases = try #require(entry["cases"]?.array).compactMap(\.object)
    #expect(cases.count >= 18)
    for this in cases {
      let conversation = Conversation(
        try #require(this["messages"]?.array).compactMap(\.object))
      let isPrompt = this["prompt"]?.bool == true
      func render() throws -> RenderedConversation {
        try renderer.render(
          conversation, turns: conversation.messages.count, addingGenerationPrompt: isPrompt)
      }
      if let refusal = this["refusal"]?.string {
        #expect(message { try render() }.contains(refusal))
        continue
      }
      let rendered = try render()
      #expect(rendered.text == this["text"]?.string)
      let marks = this["generated"]?.array?.compactMap(\.array).map { pair in
        (pair[0].integer ?? -1)..<(pair[1].integer ?? -1)
      }
      #expect(rendered.generated == marks)
    }
  }

  @Test(arguments: NamedTemplate.allCases)
  func `refuses rows with tools`(named: NamedTemplate) {
    let renderer = TemplateRenderer(named, inModelFolder: folder.url)
    var conversation = chat("a", "b")
    conversation.tools = [["type": "function"]]
    #expect(
      message { try renderer.render(conversation, turns: 2, addingGenerationPrompt: false) }
        .contains("no place for tools"))
  }

  @Test(arguments: [NamedTemplate.mistral, .alpaca, .zephyr])
  func `that ends turns with eos_token needs one`(named: NamedTemplate) throws {
    _ = try folder.file("tokenizer_config.json", "{}")
    let renderer = TemplateRenderer(named, inModelFolder: folder.url)
    #expect(
      message { try renderer.render(chat("a", "b"), turns: 2, addingGenerationPrompt: false) }
        .contains("which the tokenizer does not name"))
  }

  @Test func `is known by its text`() {
    #expect(NamedTemplate(source: NamedTemplate.gemma.source) == .gemma)
    #expect(NamedTemplate(source: NamedTemplate.gemma.source + " ") == nil)
  }
}

@Suite struct `The marks of a chat template` {
  private struct Characters: TextEncoder {
    let whole: Set<String>

    func encodeForTraining(_ text: String) -> EncodedText { encodeRendered(text) }
    func encodeRendered(_ text: String) -> EncodedText {
      let count = whole.contains(text) ? 1 : text.utf8.count
      return EncodedText(
        ids: Array(repeating: 7, count: count), offsets: Array(repeating: 0..<0, count: count))
    }
  }

  private struct Fixed: ChatRenderer {
    let source: String
    func render(
      _ conversation: Conversation, turns: Int, addingGenerationPrompt: Bool
    ) -> RenderedConversation { RenderedConversation(text: source) }
  }

  @Test func `are those of a named template, and counted if they are several tokens`() throws {
    let marks = SpecialMarks(of: Fixed(source: NamedTemplate.llama3.source))
    #expect(marks.texts == ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"])
    let split = try marks.split(by: Characters(whole: ["<|eot_id|>"]))
    #expect(split.map(\.text) == ["<|start_header_id|>", "<|end_header_id|>"])
    #expect(split.map(\.tokens) == [19, 17])
  }

  @Test func `are found in what any other template renders`() {
    let text = "<|a|>b<start_of_turn> <x> |> <| c|> <end_of_turn><|a|>"
    #expect(
      SpecialMarks(of: Fixed(source: text)).texts == ["<|a|>", "<start_of_turn>", "<end_of_turn>"])
    #expect(SpecialMarks(of: Fixed(source: NamedTemplate.alpaca.source)).texts.isEmpty)
  }
}
