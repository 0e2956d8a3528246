import LowRankCheckpoints
import LowRankTraining

/// What a fake template refuses.
struct Refusal: Error, CustomStringConvertible {
  let description: String
}

/// A renderer of turns as `<role>content|`, in which `|` ends a turn and a line feed follows it.
struct FakeRenderer: ChatRenderer {
  let source = "fake"
  /// Whether the assistant's contents are marked, with the ends of their turns.
  var marks = false
  /// Whether thoughts, all before a `#`, are dropped where another turn follows.
  var dropsThoughts = false
  /// What ends a text after which nothing is asked.
  var closing = ""

  func render(
    _ conversation: Conversation, turns: Int, addingGenerationPrompt: Bool
  ) throws -> RenderedConversation {
    var text = ""
    var marked: [Range<Int>] = []
    for (index, message) in conversation.messages[..<turns].enumerated() {
      let role = message["role"]?.string ?? ""
      if index > 0, role == conversation.messages[index - 1]["role"]?.string {
        throw Refusal(description: "roles must alternate")
      }
      var content = message["content"]?.string ?? message["tool_calls"]?.text() ?? ""
      if dropsThoughts, index < turns - 1, let thought = content.firstIndex(of: "#") {
        content = String(content[content.index(after: thought)...])
      }
      text += "<\(role)>"
      let start = text.utf8.count
      text += content + "|"
      if role == "assistant" { marked.append(start..<text.utf8.count) }
      text += "\n"
    }
    text += addingGenerationPrompt ? "<assistant>" : closing
    return RenderedConversation(text: text, generated: marks ? marked : nil)
  }
}

extension TurnEnds {
  /// The bar of ``FakeRenderer``, at which generation stops, and a special `$`.
  static let bars = TurnEnds([(124, "|"), (36, "$")], stops: [124])
}

/// A conversation of a user, then the assistant, and so on.
func chat(_ contents: String..., givenCount: Int = 0) -> Conversation {
  Conversation(
    contents.enumerated().map {
      Conversation.message($0.isMultiple(of: 2) ? "user" : "assistant", $1)
    }, givenCount: givenCount)
}
