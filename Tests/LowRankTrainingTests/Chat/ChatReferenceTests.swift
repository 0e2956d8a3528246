import Foundation
import LowRankCheckpoints
import LowRankTokenizers
import LowRankTraining
import Testing

@Suite struct `A conversation as transformers encodes it` {
  let folder: TemporaryFolder
  let reference: JSONFile

  init() throws {
    folder = try TemporaryFolder()
    reference = try fixture("chat.json")
    _ = try folder.file("tokenizer.json", reference.object["tokenizer"]?.text() ?? "")
    _ = try folder.file("tokenizer_config.json", reference.object["special_tokens"]?.text() ?? "")
  }

  private func check(_ renderer: any ChatRenderer, _ this: JSONObject, isMarked: Bool) throws {
    let tokenizer = try Tokenizer(folder: folder.url)
    let end = try EndOfSequence(inModelFolder: folder.url) { tokenizer.id(of: $0) }
    let encoder = ExampleEncoder(
      tokenizer, endOfSequence: end.id, maxLength: 1000,
      chat: ChatEncoding(renderer, ends: TurnEnds(tokenizer, stops: end.stops)))
    let conversation = Conversation(
      try #require(this["messages"]?.array).compactMap(\.object))
    if let refusal = this["refusal"]?.string {
      return #expect(
        message { try encoder.example(.conversation(conversation)) }.contains(refusal))
    }
    let example = try encoder.example(.conversation(conversation)).example
    #expect(example.ids == this["ids"]?.array?.compactMap { $0.integer.map(Int32.init) })
    var mask = [Int](repeating: 0, count: example.ids.count)
    for run in example.trained { for position in run { mask[position] = 1 } }
    #expect(mask == this[isMarked ? "mask" : "plain_mask"]?.array?.compactMap(\.integer))
  }

  @Test(arguments: ["chatml", "instruct", "thinking"], [true, false])
  func `has the same tokens and the same mask`(name: String, isMarked: Bool) throws {
    let template = try #require(
      reference.array("templates").lazy.compactMap(\.object).first { $0["name"]?.string == name })
    let source = try #require(template[isMarked ? "source" : "plain"]?.string)
    _ = try folder.file("chat_template.jinja", source)
    let renderer = try #require(try TemplateRenderer(inModelFolder: folder.url))
    #expect(renderer.source == source)
    for this in try #require(template["cases"]?.array).compactMap(\.object) {
      try check(renderer, this, isMarked: isMarked)
    }
  }

  @Test func `a template that cannot be read refuses conversations alone`() throws {
    _ = try folder.file("chat_template.jinja", "{% for")
    let renderer = try #require(try TemplateRenderer(inModelFolder: folder.url))
    let encoder = ExampleEncoder(
      try Tokenizer(folder: folder.url), endOfSequence: nil, maxLength: 9,
      chat: ChatEncoding(renderer, ends: .bars))
    #expect(try encoder.example(.text("Why")).example.ids.count > 0)
    #expect(message { try encoder.example(.conversation(chat("a", "b"))) }.contains("template"))
  }
}
