import LowRankTokenizers
import Testing

/// A sound vocabulary of each model, to be broken.
private func sound(_ model: String) -> GGUFVocabulary {
  var vocabulary = GGUFVocabulary(
    file: "broken.gguf", model: model, tokens: ["a", "b", "ab", "<s>", "c"])
  vocabulary.types = [1, 1, 1, 3, 1]
  vocabulary.begin = 3
  if model == "gpt2" {
    vocabulary.merges = ["a b"]
    vocabulary.pre = "qwen2"
  } else {
    vocabulary.scores = [0, 0, -1, 0, 0]
  }
  return vocabulary
}

private func error(
  _ model: String = "llama", _ change: (inout GGUFVocabulary) -> Void
) -> TokenizerError? {
  var vocabulary = sound(model)
  change(&vocabulary)
  var found: [TokenizerError] = []
  do throws(TokenizerError) { _ = try Tokenizer(vocabulary) } catch { found.append(error) }
  do throws(TokenizerError) { _ = try vocabulary.tokenizerJSON() } catch { found.append(error) }
  // A tokenizer and its file are refused for the same reasons.
  return found.count == 2 && found[0] == found[1] ? found[0] : nil
}

@Suite struct `A vocabulary of a GGUF file that cannot be used` {
  @Test func `is unlike the sound one`() {
    #expect(error("llama") { _ in } == nil)
    #expect(error("gpt2") { _ in } == nil)
    #expect(throws: Never.self) { try Tokenizer(sound("llama")) }
    #expect(throws: Never.self) { try Tokenizer(sound("gpt2")) }
  }

  /// Checks that the sentence names the file and says what is wrong.
  private func expect(
    _ problem: String, of model: String = "llama", _ change: (inout GGUFVocabulary) -> Void
  ) {
    let sentence = error(model, change)?.description ?? "no error"
    #expect(sentence.hasPrefix("broken.gguf "), "\(sentence)")
    #expect(sentence.contains(problem), "\(sentence)")
  }

  @Test func `has lists of lengths that do not fit`() {
    expect("tokenizer.ggml.tokens is empty") {
      ($0.tokens, $0.scores, $0.types, $0.begin) = ([], [], [], nil)
    }
    expect("tokenizer.ggml.scores has 4 values for 5 tokens") { $0.scores.removeLast() }
    expect("tokenizer.ggml.token_type has 6 values for 5 tokens") { $0.types.append(1) }
    expect("tokenizer.ggml.scores has 1 values", of: "gpt2") { $0.scores = [0] }
  }

  @Test func `has values out of range`() {
    expect("tokenizer.ggml.scores[2] is nan, expected a finite number") { $0.scores[2] = .nan }
    expect("tokenizer.ggml.scores[1] is inf") { $0.scores[1] = .infinity }
    expect("tokenizer.ggml.token_type[4] is 7, expected 0 to 6") { $0.types[4] = 7 }
    expect("tokenizer.ggml.bos_token_id is 5, expected one of the 5 tokens") { $0.begin = 5 }
    expect("tokenizer.ggml.eos_token_id is -1") { $0.end = -1 }
    expect("tokenizer.ggml.eot_token_id is 9") { $0.endOfTurn = 9 }
    expect("tokenizer.ggml.seperator_token_id is 9", of: "gpt2") { $0.separator = 9 }
    expect("tokenizer.ggml.tokens[4] has 5000 bytes, expected at most 4096") {
      $0.tokens[4] = String(repeating: "x", count: 5000)
    }
  }

  @Test func `has a token twice`() {
    expect(#"tokenizer.ggml.tokens has "a" twice, as 0 and 4"#) { $0.tokens[4] = "a" }
    expect(#"has "b" twice, as 1 and 2"#, of: "gpt2") { $0.tokens[2] = "b" }
    // These are the same text to Swift, and different tokens.
    #expect(error { ($0.tokens[0], $0.tokens[1]) = ("é", "e\u{301}") } == nil)
  }

  @Test func `has merges of tokens that are not there`() {
    let problem = "merge 0 must be two tokens of the vocabulary which together are a third"
    expect(problem + ", found a d", of: "gpt2") { $0.merges = ["a d"] }
    expect(problem + ", found b a", of: "gpt2") { $0.merges = ["b a"] }
    expect(problem + ", found ab", of: "gpt2") { $0.merges = ["ab"] }
    expect("tokenizer.ggml.merges is missing", of: "gpt2") { $0.merges = [] }
    expect("neither tokenizer.ggml.scores nor tokenizer.ggml.merges") { $0.scores = [] }
    expect(problem) { $0.merges = ["a x"] }
  }

  @Test func `is of a kind that is not implemented`() {
    expect(
      #"has the tokenizer.ggml.model "t5", which is not implemented; implemented are gpt2, llama"#
    ) {
      $0.model = "t5"
    }
    expect(
      #"has the tokenizer.ggml.pre "falcon", which is not implemented; implemented are dbrx, "#,
      of: "gpt2"
    ) {
      $0.pre = "falcon"
    }
    // SentencePiece's vocabularies cut no words.
    #expect(error { $0.pre = "falcon" } == nil)
  }

  @Test func `adds a token that no key names`() {
    expect(
      "tokenizer.ggml.add_bos_token is true, but there is no tokenizer.ggml.bos_token_id",
      of: "gpt2"
    ) {
      ($0.addsBegin, $0.begin) = (true, nil)
    }
    expect("tokenizer.ggml.add_eos_token is true, but there is no") { $0.addsEnd = true }
  }
}
