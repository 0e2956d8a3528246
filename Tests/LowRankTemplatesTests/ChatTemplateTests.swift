import Foundation
import LowRankTemplates
import Testing

@Suite struct `A model folder's chat template` {
  /// A folder with these files, for the time of a test.
  @discardableResult private func withFolder<Result>(
    _ files: [String: String], _ body: (URL) throws -> Result
  ) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in files {
      let file = folder.appendingPathComponent(name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    return try body(folder)
  }

  private let user: TemplateValue = ["role": "user", "content": "Hi"]

  @Test func `is absent where no file has one`() throws {
    let found = try withFolder(["tokenizer_config.json": #"{"chat_template": null}"#]) {
      try ChatTemplate(inModelFolder: $0)
    }
    #expect(found == nil)
  }

  @Test func `is read from the tokenizer's configuration, with its tokens`() throws {
    let configuration = """
      {"chat_template": "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}{{ image_token }}",
       "bos_token": {"content": "<s>", "special": true}, "eos_token": "</s>", "pad_token": null,
       "image_token": "<img>", "added_tokens_decoder": {}}
      """
    let template = try withFolder(["tokenizer_config.json": configuration]) {
      try #require(try ChatTemplate(inModelFolder: $0))
    }
    #expect(try template.render([user]).text == "<s>Hi</s><img>")
    #expect(template.specialTokens["pad_token"] == nil)
    #expect(try template.render([user], extra: ["bos_token": "B"]).text == "BHi</s><img>")
  }

  @Test func `takes tokens from the older file where the configuration is older too`() throws {
    let files = [
      "chat_template.jinja": "{{ bos_token }}", "tokenizer_config.json": #"{"bos_token": "a"}"#,
      "special_tokens_map.json": #"{"bos_token": {"content": "b"}}"#,
    ]
    let text = try withFolder(files) { try ChatTemplate(inModelFolder: $0)?.render([user]).text }
    #expect(text == "b")
  }

  @Test func `in a file wins over the configuration`() throws {
    let files = [
      "chat_template.jinja": "file\n", "tokenizer_config.json": #"{"chat_template": "config"}"#,
    ]
    let template = try withFolder(files) { try ChatTemplate(inModelFolder: $0) }
    #expect(template?.source == "file\n")
    #expect(try template?.render([user]).text == "file")
  }

  @Test(arguments: [
    [
      "tokenizer_config.json":
        #"{"chat_template": [{"name": "default", "template": "d"}, {"name": "tool_use", "template": "t"}]}"#
    ],
    ["chat_template.jinja": "d", "additional_chat_templates/tool_use.jinja": "t"],
  ])
  func `is another one with tools`(files: [String: String]) throws {
    let template = try withFolder(files) { try #require(try ChatTemplate(inModelFolder: $0)) }
    #expect(try template.render([user]).text == "d")
    #expect(try template.render([user], tools: [["name": "f"]]).text == "t")
  }

  @Test(arguments: [
    #"{"chat_template": 5}"#, #"{"chat_template": [{"name": "default"}]}"#,
    #"{"chat_template": [{"name": "rag", "template": "x"}]}"#, #"{"chat_template": "{% if %}"}"#,
    "[",
    "[]",
  ])
  func `is refused where it cannot be one`(configuration: String) throws {
    try withFolder(["tokenizer_config.json": configuration]) { folder in
      #expect(throws: TemplateError.self) { try ChatTemplate(inModelFolder: folder) }
    }
  }

  @Test func `sees messages as transformers gives them`() throws {
    let template = try ChatTemplate("{{ messages | tojson }}{{ tools }}{{ add_generation_prompt }}")
    let message: TemplateValue = [
      "role": "assistant", "content": nil, "thinking": "hm", "tool_calls": [["id": nil]],
    ]
    #expect(
      try template.render([message], addGenerationPrompt: true).text
        == #"[{"thinking": "hm", "role": "assistant", "tool_calls": [{"id": null}], "#
        + #""reasoning_content": "hm"}]NoneTrue"#)
  }

  @Test func `marks what the model would write, in bytes`() throws {
    let template = try ChatTemplate(
      "é{% for m in messages %}{% generation %}{{ m.content }}{% endgeneration %};{% endfor %}")
    let rendered = try template.render([["content": "ö"], ["content": "ab"]])
    #expect(rendered.text == "éö;ab;")
    #expect(rendered.generated == [2..<4, 5..<7])
  }

  @Test func `tells the time of the clock it is given`() throws {
    let template = try ChatTemplate("{{ strftime_now('%d %b %Y %H:%M') }}")
    let clock = TemplateClock.fixed(
      Date(timeIntervalSince1970: 951_782_400),
      timeZone: try #require(TimeZone(secondsFromGMT: 3600)))
    #expect(try template.render([], clock: clock).text == "29 Feb 2000 01:00")
  }
}
