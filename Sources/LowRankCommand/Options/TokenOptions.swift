import ArgumentParser
import Foundation
import LowRank

/// The flag that adds tokens to the tokenizer.
struct TokenOptions: ParsableArguments {
  @Option(
    defaultAsFlag: "",
    help: ArgumentHelp(
      "Add special tokens, comma-separated, to the tokenizer and train their rows in embeddings and head; they start at the mean of the other rows. Without a value: the marks of the chat template, such as <|im_start|>, that are several tokens.",
      valueName: "tokens"))
  var addTokens: String?

  /// The tokenizer of a model with the tokens that are asked for; nil if none are, or if the tokenizer has them all.
  ///
  /// - Parameters:
  ///   - folder: the model's.
  ///   - template: the flag that names the chat template.
  /// - Throws: `UsageError` if there is nothing to add, and what reading the model's files throws.
  func extending(_ folder: URL, _ template: TemplateOptions) throws -> AddedTokens? {
    guard let addTokens else { return nil }
    let tokens =
      addTokens.isEmpty ? try marks(folder, template) : try Self.list(addTokens)
    guard !tokens.isEmpty else {
      Console.write(
        "note: --add-tokens adds nothing: each mark of the chat template is one token already")
      return nil
    }
    if !addTokens.isEmpty { Self.warnOfOddTokens(tokens) }
    let scratch = try ScratchFolder.made(for: "tokenizer")
    let tokenizer = try ExtendedTokenizer(adding: tokens, to: folder, into: scratch.url)
    guard !tokenizer.added.isEmpty else {
      Console.write("note: --add-tokens adds nothing: the tokenizer has these tokens already")
      return nil
    }
    return AddedTokens(tokenizer: tokenizer, folder: scratch)
  }

  /// The marks of the chat template that are several tokens.
  private func marks(_ folder: URL, _ template: TemplateOptions) throws -> [String] {
    guard let renderer = try template.renderer(in: folder, adapter: nil) else {
      throw UsageError(
        "--add-tokens needs a chat template, but \(folder.relativePath) has none; give one with --chat-template, or name the tokens"
      )
    }
    let marks = SpecialMarks(of: renderer)
    guard !marks.texts.isEmpty else {
      throw UsageError(
        "--add-tokens: the chat template has no marks of its own such as <|im_start|>; name the tokens, as --add-tokens '[INST],[/INST]'"
      )
    }
    return try marks.split(by: Tokenizer(model: folder)).map(\.text)
  }

  /// Warns of tokens that are cut out of ordinary text: words, letters, and what holds control characters.
  private static func warnOfOddTokens(_ tokens: [String]) {
    func list(_ tokens: [String]) -> String {
      tokens.prefix(5).map { "\"\($0)\"" }.joined(separator: ", ") + (tokens.count > 5 ? ", …" : "")
    }
    let words = tokens.filter { $0.allSatisfy { $0.isLetter || $0.isNumber || $0.isWhitespace } }
    if !words.isEmpty {
      Console.write(
        "warning: --add-tokens: \(list(words)) \(words.count == 1 ? "is a word" : "are words") without marks such as <|…|>; as special tokens they are cut out of every text, also inside of other words"
          .printable)
    }
    let odd = tokens.filter {
      $0.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
    if !odd.isEmpty {
      Console.write(
        "warning: --add-tokens: \(list(odd)) \(odd.count == 1 ? "holds" : "hold") control characters, perhaps by accident"
          .printable)
    }
  }

  private static func list(_ text: String) throws -> [String] {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    guard !parts.contains("") else {
      throw UsageError(
        "--add-tokens is \"\(text)\", which has an empty token beside a comma; expected tokens between commas"
      )
    }
    guard Set(parts).count == parts.count else {
      throw UsageError("--add-tokens is \"\(text)\", which names a token twice")
    }
    return parts
  }
}

/// Tokens that a run adds to the tokenizer of its model.
struct AddedTokens {
  /// The tokenizer with them.
  let tokenizer: ExtendedTokenizer
  /// Its files, for as long as the run lasts.
  let folder: ScratchFolder

  /// The model with rows for the tokens, and with their tokenizer.
  func fitting(_ base: Model) -> Model {
    let rows = base.architecture.vocabularySize
    var fitted = base.extendingVocabulary(to: tokenizer.count)
    fitted.tokenizerFolder = folder.url
    let room =
      tokenizer.count > rows
      ? "the vocabulary grows from \(rows) to \(tokenizer.count)"
      : "the vocabulary of \(rows) has room for them"
    let names = zip(tokenizer.added, tokenizer.ids).map { "\($0) (\($1))" }
    Console.write("added tokens: \(names.joined(separator: ", ")); \(room)".printable)
    return fitted
  }

  /// The ids whose rows are trained: those of the tokens, and of all other rows that the base does not have.
  func trainedIDs(beyond rows: Int) -> [Int] {
    let missing = Array(min(rows, tokenizer.count)..<tokenizer.count)
    return tokenizer.ids.filter { $0 >= tokenizer.knownCount && !missing.contains($0) } + missing
  }
}
