import Foundation

/// A model folder without a `tokenizer.json`: a vocabulary, and files that configure its use.
struct TokenizerFolder {
  let url: URL
  /// `tokenizer_config.json`, where it is there.
  let settings: JSONSection?
  /// `config.json`, where it is there.
  let model: JSONSection?

  init(_ url: URL) throws(TokenizerError) {
    self.url = url
    settings = try Self.object("tokenizer_config.json", in: url)
    model = try Self.object("config.json", in: url)
  }

  private static func object(
    _ name: String, in folder: URL
  ) throws(TokenizerError) -> JSONSection? {
    let file = folder.appendingPathComponent(name)
    guard TokenizerFile.isThere(file) else { return nil }
    return try TokenizerFile.object(file)
  }

  func file(_ name: String) -> URL { url.appendingPathComponent(name) }

  func has(_ names: [String]) -> Bool {
    names.allSatisfy { TokenizerFile.isThere(file($0)) }
  }

  /// An object of the folder that need not be there.
  func object(_ name: String) throws(TokenizerError) -> JSONSection? {
    try Self.object(name, in: url)
  }

  /// A switch of `tokenizer_config.json`.
  func bool(_ key: String, default fallback: Bool) throws(TokenizerError) -> Bool {
    try settings?.bool(key, default: fallback) ?? fallback
  }
}

extension Pipeline {
  /// Reads a model folder without a `tokenizer.json`.
  convenience init(folder url: URL) throws(TokenizerError) {
    let folder = try TokenizerFolder(url)
    let kind = try TokenizerClass.find(in: folder)
    guard folder.has(kind.files) else { throw .missing(folder: url.relativePath) }
    let (stages, added) =
      switch kind {
      case .bert: try folder.bert()
      case .roberta: try folder.roberta()
      case .gpt2: try folder.gpt2()
      case .debertaV2: try folder.debertaV2()
      case .xlmRoberta: try folder.xlmRoberta()
      }
    self.init(stages, added: added)
  }
}
