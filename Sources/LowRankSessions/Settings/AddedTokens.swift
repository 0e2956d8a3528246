import Foundation
import LowRank

/// Tokens that a run adds to the tokenizer of its model.
package struct AddedTokens {
  /// The tokenizer with them.
  package let tokenizer: ExtendedTokenizer
  /// Its files, for as long as the run lasts.
  package let folder: ScratchFolder

  /// The model with rows for the tokens, and with their tokenizer.
  package func fitting(_ base: Model) -> Model {
    let rows = base.architecture.vocabularySize
    var fitted = base.extendingVocabulary(to: tokenizer.count)
    fitted.tokenizerFolder = folder.url
    let room =
      tokenizer.count > rows
      ? "the vocabulary grows from \(rows) to \(tokenizer.count)"
      : "the vocabulary of \(rows) has room for them"
    let names = zip(tokenizer.added, tokenizer.ids).map { "\($0) (\($1))" }
    Remarks.say("added tokens: \(names.joined(separator: ", ")); \(room)")
    return fitted
  }

  /// The ids whose rows are trained: those of the tokens, and of all other rows that the base does not have.
  package func trainedIDs(beyond rows: Int) -> [Int] {
    let missing = Array(min(rows, tokenizer.count)..<tokenizer.count)
    return tokenizer.ids.filter { $0 >= tokenizer.knownCount && !missing.contains($0) } + missing
  }
}
