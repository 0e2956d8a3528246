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

  /// Takes the chat template of one adapter along to another, where it has one.
  ///
  /// - Throws: what copying a file throws.
  public static func copyTemplate(from source: URL, into folder: URL) throws {
    guard let file = template(in: source) else { return }
    let copy = folder.appending(path: templateName)
    do { try FileManager.default.copyItem(at: file.resolvingSymlinksInPath(), to: copy) } catch {
      throw FileError("write", copy.path, reason: systemReason(error))
    }
  }
}
