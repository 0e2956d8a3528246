import Foundation
import LowRank
import LowRankHub

extension PushedAdapter {
  /// The card that somebody wrote: the given file, else the folder's own; nil if one is to be made.
  package func writtenCard(insteadOf card: URL?) -> URL? {
    let own = folder.url.appending(path: Self.cardName)
    return card ?? (FileManager.default.fileExists(atPath: own.path) ? own : nil)
  }

  /// The card, and the files with it: configuration and weights, what we know of them, and the chat template.
  ///
  /// - Throws: `FileError`.
  package func files(card: URL?, license: String?, for name: HubName) throws -> (
    card: String, files: [PushFile]
  ) {
    let text: String
    try refuseLink(folder.url.appending(path: Self.cardName))
    let written = writtenCard(insteadOf: card)
    if let file = written {
      guard let read = try? String(contentsOf: file, encoding: .utf8) else {
        throw FileError("read", file.relativePath, reason: "it is not a readable UTF-8 file")
      }
      text = read
    } else {
      text = try AdapterCard.card(of: self, license: license, for: name).text()
    }
    // What people wrote on the hub is not replaced by what is written for them.
    var files = [PushFile(Self.cardName, Array(text.utf8), givesWay: written == nil)]
    let names =
      [
        "adapter_config.json", "adapter_model.safetensors", "native.safetensors", "lowrank.json",
        "certificate.json", AdapterFolder.templateName,
      ] + (hasTokenizer ? AdapterFolder.tokenizerNames : [])
    for name in names {
      let file = folder.url.appending(path: name)
      guard FileManager.default.fileExists(atPath: file.path) else { continue }
      try refuseLink(file)
      files.append(try PushFile(name, at: file))
    }
    return (text, files)
  }

  /// Refuses to give away what a link leads to outside of the folder.
  private func refuseLink(_ file: URL) throws {
    let real = file.resolvingSymlinksInPath().deletingLastPathComponent().path
    guard real != folder.url.resolvingSymlinksInPath().path else { return }
    throw FileError(
      "push", file.relativePath, reason: "it is a link that leads out of the adapter's folder")
  }
}
