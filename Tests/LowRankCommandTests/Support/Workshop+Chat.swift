import Foundation
import LowRank

extension Workshop {
  /// A chat template of the workshop's letters: `user: hi<end>assistant: ho<end>`.
  static let template = """
    {% for message in messages %}\
    {% if message.role == 'system' %}{{ raise_exception('there is no system here') }}{% endif %}\
    {{ message.role + ': ' + message.content + '<end>' }}{% endfor %}\
    {% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}
    """

  /// A data folder of conversations, with a chat template beside the model unless told otherwise.
  func conversations(
    _ rows: [String] = [Workshop.row("hi", "ho"), Workshop.row("ab", "cd")],
    withTemplate: Bool = true
  ) throws -> URL {
    if withTemplate { try write(Self.template, to: model, "chat_template.jinja") }
    let folder = place("chat")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try write(rows.joined(separator: "\n") + "\n", to: folder, "train.jsonl")
    return folder
  }

  /// A row of a question and an answer.
  static func row(_ question: String, _ answer: String) -> String {
    row(("user", question), ("assistant", answer))
  }

  /// A row of turns.
  static func row(_ turns: (role: String, content: String)...) -> String {
    let messages = turns.map { JSONValue.object(Conversation.message($0.role, $0.content)) }
    return JSONValue.object(["messages": .array(messages)]).text()
  }

  func write(_ text: String, to folder: URL, _ name: String) throws {
    try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
  }
}
