import Foundation
import LowRankCheckpoints
import LowRankTokenizers

/// The texts beside a model's weights, asked for by the names that Hugging Face gives them: the files of a folder, or what
/// a GGUF file's metadata say.
public struct ModelTexts: Sendable {
  private enum Place: Sendable {
    case folder(URL)
    case gguf(GGUFTexts)
  }

  private let place: Place

  /// Where the folder or the GGUF file lies.
  public let url: URL

  /// The texts of a model's folder, or of any folder with some of the files, or of a GGUF file.
  ///
  /// - Throws: `FileError`, `GGUFError` about a GGUF file.
  public init(at url: URL) throws {
    self.url = url
    place = ModelFolder.isGGUF(url) ? .gguf(try GGUFTexts(at: url)) : .folder(url)
  }

  /// The folder; nil for a GGUF file.
  public var folder: URL? { if case .folder(let url) = place { url } else { nil } }

  /// The object in a file; nil if there is no such file.
  ///
  /// - Throws: `JSONError`, `FileError`, `GGUFError`.
  public func json(_ name: String) throws -> JSONFile? {
    switch place {
    case .folder(let url):
      let file = url.appending(path: name)
      return FileManager.default.fileExists(atPath: file.path) ? try JSONFile(at: file) : nil
    case .gguf(let texts):
      switch name {
      case "config.json": return try ModelFolder.config(at: texts.url)
      case "tokenizer_config.json": return try texts.tokenizerConfig()
      case "generation_config.json": return try texts.generationConfig()
      default: return nil
      }
    }
  }

  /// The tokenizer.
  ///
  /// - Throws: `TokenizerError` if there is none or it needs a component that is not implemented, `GGUFError`.
  public var tokenizer: Tokenizer {
    get throws {
      switch place {
      case .folder(let url): try Tokenizer(folder: url)
      case .gguf(let texts): try Tokenizer(texts.vocabulary)
      }
    }
  }

  /// The kind of tokenizer that a GGUF file names, such as `llama` or `gpt2 (qwen2)`; nil if it names none, and for a folder.
  public var tokenizerKind: String? {
    if case .gguf(let texts) = place { texts.tokenizerKind } else { nil }
  }

  /// The names of the files of tokenizer, templates and generation that are there.
  public var names: [String] {
    switch place {
    case .folder(let url): ModelFolder.companions(in: url).map(\.lastPathComponent)
    case .gguf(let texts): texts.names
    }
  }

  /// Writes those files into another folder.
  ///
  /// - Throws: `FileError`, and what a GGUF file's vocabulary is refused for.
  package func write(into target: URL, leavingOut others: Set<String> = []) throws {
    try write(names.filter { !others.contains($0) }, into: target)
  }

  /// Writes some of the files, where they are there, into another folder.
  ///
  /// - Throws: as ``write(into:leavingOut:)``.
  package func write(_ names: [String], into target: URL) throws {
    let there = self.names
    for name in names where there.contains(name) {
      let copy = target.appending(path: name)
      switch place {
      case .folder(let url):
        do {
          try FileManager.default.copyItem(
            at: url.appending(path: name).resolvingSymlinksInPath(), to: copy)
        } catch { throw FileError("write", copy.path, reason: systemReason(error)) }
      case .gguf(let texts):
        guard let bytes = try texts.bytes(name) else { continue }
        let file = try OutputFile(at: copy)
        try file.write(bytes)
        try file.close()
      }
    }
  }
}

extension Tokenizer {
  /// The tokenizer of a model, in a folder or a GGUF file.
  ///
  /// - Throws: as ``ModelTexts/tokenizer``.
  public init(model url: URL) throws { self = try ModelTexts(at: url).tokenizer }
}
