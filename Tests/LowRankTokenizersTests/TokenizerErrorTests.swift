import Foundation
import LowRankTokenizers
import Testing

/// A tokenizer.json with one stage exchanged.
private func file(
  normalizer: String = "null", preTokenizer: String = "null", model: String? = nil,
  postProcessor: String = "null", decoder: String = "null", added: String = "[]"
) -> String {
  let model = model ?? #"{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}"#
  return """
    {"version":"1.0","added_tokens":\(added),"normalizer":\(normalizer),\
    "pre_tokenizer":\(preTokenizer),"model":\(model),"post_processor":\(postProcessor),\
    "decoder":\(decoder)}
    """
}

/// The error of a tokenizer.json, which must be one of the module's own.
private func error(_ json: String) -> TokenizerError? {
  do {
    _ = try TestFiles.tokenizer(json)
    return nil
  } catch {
    return error as? TokenizerError
  }
}

@Suite struct `What a tokenizer cannot do` {
  @Test(arguments: [
    (file(normalizer: #"{"type":"ByteLevel"}"#), #"the normalizer "ByteLevel""#),
    (file(preTokenizer: #"{"type":"UnicodeScripts"}"#), #"the pre-tokenizer "UnicodeScripts""#),
    (
      file(preTokenizer: #"{"type":"Split","pattern":{"Regex":"(x|y)z"},"behavior":"Isolated"}"#),
      "the regular expression (x|y)z"
    ),
    (
      file(preTokenizer: #"{"type":"Split","pattern":{"String":"x"},"behavior":"Doubled"}"#),
      #"pre_tokenizer.behavior "Doubled""#
    ),
    (
      file(
        normalizer: ##"{"type":"Replace","pattern":{"Regex":"\\s+"},"content":"$1"}"##),
      "the group reference in $1"
    ),
    (file(postProcessor: #"{"type":"Unheard"}"#), #"the post-processor "Unheard""#),
    (file(decoder: #"{"type":"CTC"}"#), #"the decoder "CTC""#),
    (file(model: #"{"type":"WordLevel","vocab":{}}"#), #"the model "WordLevel""#),
    (
      file(
        preTokenizer: #"{"type":"ByteLevel"}"#,
        model: #"{"type":"Unigram","unk_id":0,"vocab":[["a",0]]}"#), "Unigram after ByteLevel"
    ),
    (
      file(model: #"{"type":"BPE","dropout":0.1,"vocab":{},"merges":[]}"#), "dropout of merges"
    ),
    (
      file(model: #"{"type":"BPE","end_of_word_suffix":"</w>","vocab":{},"merges":[]}"#),
      "the end_of_word_suffix"
    ),
  ])
  func `is an error by name`(json: String, feature: String) throws {
    let found = try #require(error(json))
    guard case .unsupported(_, feature) = found else {
      Issue.record("\(found)")
      return
    }
    #expect(found.description.contains(feature))
  }

  @Test(arguments: [
    ("", "at byte 0, expected a value"),
    ("{\"model\":01}", "expected a comma"),
    ("{\"a\":1,\"a\":2}", "the file has the key \"a\" twice"),
    ("{\"a\":\"\u{1}\"}", "expected an escape"),
    (#"{"a":"\ud800"}"#, "expected a low surrogate"),
    ("{} x", "expected the end of the file"),
    ("[]", "the file must be an object"),
    ("{}", "model must be an object"),
    (file(normalizer: #"{"type":"Prepend"}"#), "normalizer.prepend must be a string"),
    (
      file(model: #"{"type":"BPE","vocab":{"a":-1},"merges":[]}"#), #"the id of "a" must be from 0"#
    ),
    (file(model: #"{"type":"BPE","vocab":{"a":0,"a":1},"merges":[]}"#), #"has "a" twice"#),
    (
      file(model: #"{"type":"BPE","vocab":{"a":0},"merges":["a c"]}"#), "merge 0 must be two tokens"
    ),
    (file(model: #"{"type":"BPE","vocab":{"a":0},"merges":["a a a"]}"#), "found a a a"),
    (
      file(model: #"{"type":"BPE","vocab":{"a":0},"merges":[["a"]]}"#), "merge 0 must be two tokens"
    ),
    (
      file(model: #"{"type":"BPE","unk_token":"?","vocab":{"a":0},"merges":[]}"#),
      #"lacks the unk_token "?""#
    ),
    (
      file(model: #"{"type":"WordPiece","unk_token":"?","vocab":{"a":0}}"#),
      #"lacks the unk_token "?""#
    ),
    (
      file(postProcessor: #"{"type":"TemplateProcessing","single":[],"special_tokens":{}}"#),
      "post_processor.single must be a template with the sequence A"
    ),
    (
      file(
        preTokenizer: """
          {"type":"Metaspace","replacement":"▁","add_prefix_space":false,"prepend_scheme":"first"}
          """),
      "pre_tokenizer.prepend_scheme must be \"never\""
    ),
  ])
  func `is a sentence about the file and the key where the file is broken`(
    json: String, problem: String
  ) throws {
    let found = try #require(error(json))
    #expect(found.description.contains(problem), "\(found)")
    #expect(found.description.contains("tokenizer.json"))
  }

  @Test func `is said of a folder without a tokenizer`() throws {
    try TestFiles.withFolder([:]) { folder in
      #expect(throws: TokenizerError.missing(folder: folder.relativePath)) {
        try Tokenizer(folder: folder)
      }
    }
  }

  @Test func `is said of bytes that are no UTF-8`() throws {
    let tokenizer = try TestFiles.tokenizer(file())
    #expect(throws: TokenizerError.notUTF8) { try tokenizer.encode(utf8: [0x61, 0xC3]) }
    #expect(try tokenizer.encode(utf8: [0x61, 0x62]).ids == [2])
  }
}
