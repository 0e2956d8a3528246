import ArgumentParser
import Foundation
import LowRank
import LowRankSessions

/// The flag that adds tokens to the tokenizer.
struct TokenOptions: ParsableArguments {
  @Option(
    defaultAsFlag: "",
    help: ArgumentHelp(
      "Add special tokens, comma-separated, to the tokenizer and train their rows in embeddings and head; they start at the mean of the other rows. Without a value: the marks of the chat template, such as <|im_start|>, that are several tokens.",
      valueName: "tokens"))
  var addTokens: String?

  /// What the flag says.
  var settings: TokenSettings { TokenSettings(addTokens) }
}
