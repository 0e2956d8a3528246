import Foundation

/// The kinds of tokenizers that are read without a `tokenizer.json`.
enum TokenizerClass: String, CaseIterable {
  case bert = "BertTokenizer"
  case roberta = "RobertaTokenizer"
  case gpt2 = "GPT2Tokenizer"
  case debertaV2 = "DebertaV2Tokenizer"
  case xlmRoberta = "XLMRobertaTokenizer"

  /// The files that the vocabulary is in.
  var files: [String] {
    switch self {
    case .bert: ["vocab.txt"]
    case .roberta, .gpt2: ["vocab.json", "merges.txt"]
    case .debertaV2: ["spm.model"]
    case .xlmRoberta: ["sentencepiece.bpe.model"]
    }
  }

  private static let sameAs: [String: TokenizerClass] = [
    "DistilBertTokenizer": .bert, "ElectraTokenizer": .bert,
  ]
  private static let ofModels: [String: TokenizerClass] = [
    "bert": .bert, "distilbert": .bert, "electra": .bert, "roberta": .roberta, "gpt2": .gpt2,
    "deberta-v2": .debertaV2, "xlm-roberta": .xlmRoberta,
  ]

  /// The class that a folder names; else that of its model; else the one whose files it has.
  static func find(in folder: TokenizerFolder) throws(TokenizerError) -> TokenizerClass {
    for config in [folder.settings, folder.model] {
      guard let config, let name = try config.optionalString("tokenizer_class") else { continue }
      let plain = name.hasSuffix("Fast") ? String(name.dropLast(4)) : name
      guard let found = TokenizerClass(rawValue: plain) ?? sameAs[plain] else {
        throw config.unsupported("the tokenizer class \(name) without a tokenizer.json")
      }
      return found
    }
    if let model = folder.model, let type = try model.optionalString("model_type") {
      guard let found = ofModels[type] else {
        throw model.unsupported("the tokenizer of the model type \(type) without a tokenizer.json")
      }
      return found
    }
    let candidates: [TokenizerClass] = [.bert, .gpt2, .debertaV2, .xlmRoberta]
    guard let found = candidates.first(where: { folder.has($0.files) }) else {
      throw .missing(folder: folder.url.relativePath)
    }
    return found
  }
}
