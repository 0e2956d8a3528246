import Foundation
import LowRank
import LowRankHub

/// An adapter that is fit to be given to others, and the files that make it up.
struct PushedAdapter {
  let folder: AdapterFolder
  let stored: StoredAdapter
  /// What whoever pushes may want to know.
  private(set) var notes: [String] = []

  static let cardName = "README.md"

  /// Whether the adapter brings a tokenizer with it, instead of the base's.
  var hasTokenizer: Bool {
    AdapterFolder.tokenizerNames.prefix(2).allSatisfy { name in
      FileManager.default.fileExists(atPath: folder.url.appending(path: name).path)
    }
  }

  /// Where the base lies on this machine, a folder or a GGUF file; nil if it is not here.
  var baseFolder: URL? {
    guard let path = basePath else { return nil }
    let named = folder.config["revision"]?.string.map { revision in
      (try? HubFile(path)).map { "\($0.repository.id)@\(revision)/\($0.path)" }
        ?? "\(path)@\(revision)"
    }
    let places = [named, path].compactMap { $0 }
    return places.map { Located.known($0) }.first {
      ModelFolder.isModel($0)
    }
  }

  /// Opens the adapter and looks at every number of it.
  ///
  /// - Throws: what opening it throws, `AdapterError.notFinite`.
  init(at url: URL) throws {
    folder = try AdapterFolder(at: url)
    // The hub's readers look for safetensors of PEFT, and warn of pickles.
    guard folder.format == .peft, folder.file.format == .safetensors else {
      throw UsageError(
        "\(url.relativePath) is not in PEFT's format with safetensors; convert it first: lowrank convert "
          + "\(url.relativePath) --to peft --output DIR")
    }
    stored = try StoredAdapter(at: url, as: .peft)
    for tensor in folder.file.tensors { _ = try StoredModule.numbers(of: tensor) }
    if AdapterCard.base(of: self).id == nil, let path = basePath {
      notes.append(
        "adapter_config.json names the base \(path.printable), a folder that others do not have: the card cannot link to "
          + "it; train on a model by its name on the hub for that")
    }
  }

  /// What the configuration says that the base is.
  var basePath: String? {
    folder.config["base_model_name_or_path"]?.string.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The card, and the files with it: configuration and weights, what we know of them, and the chat template.
  ///
  /// - Throws: `FileError`, `UsageError` where a license is given for a card that is not written here.
  func files(card: URL?, license: String?, for name: HubName) throws -> (
    card: String, files: [PushFile]
  ) {
    let own = folder.url.appending(path: Self.cardName)
    let isThere = FileManager.default.fileExists(atPath: own.path)
    let text: String
    let isOurs = card == nil && !isThere
    try refuseLink(own)
    if let file = card ?? (isThere ? own : nil) {
      guard license == nil else {
        throw UsageError(
          "--license is for a card that is written, but \(file.relativePath) is sent as it is: name the license there"
        )
      }
      guard let read = try? String(contentsOf: file, encoding: .utf8) else {
        throw FileError("read", file.relativePath, reason: "it is not a readable UTF-8 file")
      }
      text = read
    } else {
      text = try AdapterCard.card(of: self, license: license, for: name).text()
    }
    // What people wrote on the hub is not replaced by what is written for them.
    var files = [PushFile(Self.cardName, Array(text.utf8), givesWay: isOurs)]
    let names =
      [
        "adapter_config.json", "adapter_model.safetensors", "lowrank.json", "certificate.json",
        AdapterFolder.templateName,
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
