/// What can go wrong between a tokenizer's files and a tokenizer.
public enum TokenizerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The folder has neither `tokenizer.json` nor the files of a vocabulary that is read without it.
  case missing(folder: String)
  /// The file cannot be read.
  case unreadable(file: String, reason: String)
  /// The file is not what its format says; `problem` names the key or the byte.
  case malformed(file: String, problem: String)
  /// The file asks for something that is not implemented; `feature` names it.
  case unsupported(file: String, feature: String)
  /// The value of a key is not implemented; `choice` names it and those that are.
  case unknownChoice(file: String, choice: String)
  /// a pair of texts cannot be cut to a number of tokens.
  case tooLong(limit: Int, truncation: PairTruncation)
  /// The text given to be encoded is not UTF-8.
  case notUTF8

  /// One sentence: the file, what is wrong, and what to do.
  public var description: String {
    switch self {
    case .missing(let folder):
      """
      \(folder) has no tokenizer: expected tokenizer.json, vocab.txt, vocab.json and merges.txt, \
      spm.model, or sentencepiece.bpe.model, as its model needs; save the model's tokenizer there in \
      the fast (tokenizer.json) format
      """
    case .unreadable(let file, let reason):
      "\(file) cannot be read: \(reason)"
    case .malformed(let file, let problem):
      "\(file) is not a valid tokenizer file: \(problem)"
    case .unsupported(let file, let feature):
      "\(file) needs \(feature), which is not implemented; use a tokenizer without it"
    case .unknownChoice(let file, let choice):
      "\(file) has \(choice)"
    case .tooLong(let limit, let truncation):
      """
      a pair of texts cannot be cut to \(limit) tokens by \(truncation.rawValue); allow more tokens, \
      or cut the other text
      """
    case .notUTF8:
      "the text to encode is not UTF-8; convert it first"
    }
  }

  /// The error of a value that is not implemented.
  static func unknown(
    _ key: String, _ value: String, in file: String, known: [String]
  ) -> TokenizerError {
    let names = known.joined(separator: ", ")
    return .unknownChoice(
      file: file,
      choice: "the \(key) \"\(value)\", which is not implemented; implemented are \(names)")
  }
}
