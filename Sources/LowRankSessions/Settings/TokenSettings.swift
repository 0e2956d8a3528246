import Foundation
import LowRank

/// The tokens that a run adds to the tokenizer.
public struct TokenSettings: Hashable, Sendable {
  /// Special tokens, between commas; an empty text for the marks of the chat template that are several tokens; nil for none.
  public var tokens: String?

  /// Tokens between commas.
  public init(_ tokens: String? = nil) { self.tokens = tokens }

  /// The tokenizer of a model with the tokens that are asked for; nil if none are, or if the tokenizer has them all.
  ///
  /// - Parameters:
  ///   - folder: the model's.
  ///   - template: the chat template, whose marks may be added.
  /// - Throws: `SettingsError` if there is nothing to add, and what reading the model's files throws.
  package func extending(_ folder: URL, _ template: TemplateSettings) throws -> AddedTokens? {
    guard let addTokens = tokens else { return nil }
    let tokens =
      addTokens.isEmpty ? try marks(folder, template) : try Self.list(addTokens)
    guard !tokens.isEmpty else {
      Remarks.note(
        "\(.addTokens) adds nothing: each mark of the chat template is one token already")
      return nil
    }
    if !addTokens.isEmpty { Self.warnOfOddTokens(tokens) }
    let scratch = try ScratchFolder.made(for: "tokenizer")
    let tokenizer = try ExtendedTokenizer(adding: tokens, to: folder, into: scratch.url)
    guard !tokenizer.added.isEmpty else {
      Remarks.note("\(.addTokens) adds nothing: the tokenizer has these tokens already")
      return nil
    }
    return AddedTokens(tokenizer: tokenizer, folder: scratch)
  }

  /// The marks of the chat template that are several tokens.
  private func marks(_ folder: URL, _ template: TemplateSettings) throws -> [String] {
    guard let renderer = try template.renderer(in: folder, adapter: nil) else {
      throw SettingsError(
        "\(.addTokens) needs a chat template, but \(folder.relativePath) has none; give one with \(.chatTemplate), or name the tokens"
      )
    }
    let marks = SpecialMarks(of: renderer)
    guard !marks.texts.isEmpty else {
      throw SettingsError(
        "\(.addTokens): the chat template has no marks of its own such as <|im_start|>; name the tokens, as \(.addTokens) '[INST],[/INST]'"
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
      Remarks.warn(
        "\(.addTokens): \(list(words)) \(words.count == 1 ? "is a word" : "are words") without marks such as <|…|>; as special tokens they are cut out of every text, also inside of other words"
      )
    }
    let odd = tokens.filter {
      $0.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
    if !odd.isEmpty {
      Remarks.warn(
        "\(.addTokens): \(list(odd)) \(odd.count == 1 ? "holds" : "hold") control characters, perhaps by accident"
      )
    }
  }

  private static func list(_ text: String) throws -> [String] {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    guard !parts.contains("") else {
      throw SettingsError(
        "\(.addTokens) is \"\(text)\", which has an empty token beside a comma; expected tokens between commas"
      )
    }
    guard Set(parts).count == parts.count else {
      throw SettingsError("\(.addTokens) is \"\(text)\", which names a token twice")
    }
    return parts
  }
}
