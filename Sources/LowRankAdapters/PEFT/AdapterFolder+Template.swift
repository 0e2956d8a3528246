import Foundation
import LowRankCheckpoints

extension AdapterFolder {
  /// The name under which a chat template lies beside an adapter, or a model.
  public static let templateName = "chat_template.jinja"

  /// The chat template that lies in an adapter's folder; nil where there is none.
  public static func template(in folder: URL) -> URL? {
    let file = folder.appending(path: templateName)
    return FileManager.default.fileExists(atPath: file.path) ? file : nil
  }

  /// The chat template beside the adapter.
  ///
  /// - Throws: `FileError` where it cannot be read, or is no UTF-8.
  public var chatTemplate: String? {
    get throws {
      try Self.template(in: url).map { file in
        do { return try String(contentsOf: file, encoding: .utf8) } catch {
          throw FileError("read", file.relativePath, reason: "it is not a readable UTF-8 file")
        }
      }
    }
  }

  /// Writes a chat template into a folder that somebody else publishes.
  public static func write(chatTemplate: String, into folder: URL) throws(FileError) {
    let file = try OutputFile(at: folder.appending(path: templateName))
    try file.write(Array(chatTemplate.utf8))
    try file.close()
  }

  /// Copies the chat template and the tokenizer of one adapter to another, if it has them.
  ///
  /// - Throws: what copying a file throws.
  public static func copyTemplate(from source: URL, into folder: URL) throws {
    try copyTokenizer(from: source, into: folder)
    guard let file = template(in: source) else { return }
    let copy = folder.appending(path: templateName)
    do { try FileManager.default.copyItem(at: file.resolvingSymlinksInPath(), to: copy) } catch {
      throw FileError("write", copy.path, reason: systemReason(error))
    }
  }

  /// The files of a tokenizer that may lie beside an adapter.
  public static let tokenizerNames = [
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
  ]

  /// Copies the files of a tokenizer that are in a folder.
  static func copyTokenizer(from source: URL, into folder: URL) throws {
    for name in tokenizerNames {
      let file = source.appending(path: name)
      guard FileManager.default.fileExists(atPath: file.path) else { continue }
      try FileManager.default.copyItem(
        at: file.resolvingSymlinksInPath(), to: folder.appending(path: name))
    }
  }
}
