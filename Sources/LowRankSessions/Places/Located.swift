import Foundation
import LowRank
import LowRankHub
import Synchronization

/// Where a model or an adapter lies that is given by its folder or file, or by its name on the hub.
package enum Located {
  /// The folder of a model, or its GGUF file.
  ///
  /// - Throws: `LocationError`, `HubError`, `Interrupted`.
  package static func model(_ text: String) throws -> URL { try folder(text, .model) }

  /// The folder of an adapter, or a file of one.
  ///
  /// - Throws: `LocationError`, `HubError`, `Interrupted`.
  package static func adapter(_ text: String) throws -> URL { try folder(text, .adapter) }

  /// The folder of whichever of both it is.
  ///
  /// - Throws: `LocationError`, `HubError`, `Interrupted`.
  package static func either(_ text: String) throws -> URL { try folder(text, .either) }

  /// The local path, if it is known without network access: what must not be written over.
  package static func known(_ text: String) -> URL {
    guard let wanted = wanted(text, .either), let settings = try? HubSettings(),
      let folder = Hub(settings).cachedFolder(of: wanted.name)
    else { return URL(filePath: text) }
    return wanted.place(in: folder)
  }

  /// What was looked up: a name means the same for as long as the program runs.
  private static let found = Mutex<[Wish: URL]>([:])

  private struct Wish: Hashable {
    let text: [UInt8]
    let content: HubContent
  }

  private static func folder(_ text: String, _ content: HubContent) throws -> URL {
    guard let wanted = wanted(text, content) else {
      guard isPath(text) || isThere(text) else {
        throw LocationError(text, content, "\"\(text)\" is not a name on the hub either")
      }
      if !isThere(text), let place = NearestPath.place(near: text, content) {
        throw LocationError(text, content, nearest: place)
      }
      if !isThere(text), !isRooted(text) {
        do { _ = try HubFile(text) } catch {
          if text.contains("@") { throw LocationError(text, content, "\(error)") }
        }
      }
      if content == .either, !isThere(text) { throw LocationError(missing: text) }
      return URL(filePath: text)
    }
    let wish = Wish(text: Array(text.utf8), content: content)
    if let url = found.withLock({ $0[wish] }) { return url }
    do {
      let snapshot = try Fetching.snapshot(of: wanted.name, wanted.content, HubSettings())
      let url = wanted.place(in: snapshot.folder)
      found.withLock { $0[wish] = url }
      return url
    } catch let error as HubError {
      guard error.isAboutNothingThere else { throw error }
      let place = NearestPath.place(near: text, content)
      if let place, text.contains("/") { throw LocationError(text, content, nearest: place) }
      // What is in a folder here is hardly meant to be on the hub.
      let folder = URL(filePath: text).deletingLastPathComponent()
      let isInFolder = text.contains("/") && isThere(folder.path)
      throw LocationError(
        text, content,
        (isInFolder ? "\(folder.relativePath) holds no such name; " : "") + "\(error)"
          + (place.map { "; did you mean \($0), which is here?" } ?? ""))
    }
  }

  /// What a text means on the hub; nil where it is a path.
  private static func wanted(_ text: String, _ content: HubContent) -> HubWish? {
    guard !isThere(text) else { return nil }
    // What is named in a folder here is looked for in it.
    if !isRooted(text), let file = try? HubFile(text), !isThere(file.repository.id) {
      return HubWish(name: file.repository, content: .gguf(file.path))
    }
    guard !isPath(text), let name = try? HubName(text) else { return nil }
    return HubWish(name: name, content: content)
  }

  /// Whether a text begins as only a path does.
  private static func isRooted(_ text: String) -> Bool {
    [".", "/", "~"].contains { text.hasPrefix($0) }
  }

  /// Whether a text can only be a path.
  private static func isPath(_ text: String) -> Bool {
    let repository = text.utf8.prefix { $0 != UInt8(ascii: "@") }
    return text.isEmpty || isRooted(text)
      || repository.count { $0 == UInt8(ascii: "/") } > 1
      || [".safetensors", ".gguf", ".bin", ".pt", ".pth"].contains { text.hasSuffix($0) }
  }

  /// What is there is meant, whatever else could be.
  private static func isThere(_ text: String) -> Bool {
    FileManager.default.fileExists(atPath: URL(filePath: text).path)
  }
}

/// What is fetched for a name on the hub.
package struct HubWish {
  package let name: HubName
  package let content: HubContent

  package init(name: HubName, content: HubContent) { (self.name, self.content) = (name, content) }

  /// Where it lies in the folder with the files of a commit.
  package func place(in folder: URL) -> URL {
    if case .gguf(let path) = content { folder.appending(path: path) } else { folder }
  }
}

/// A model or an adapter that is neither a folder nor on the hub.
package struct LocationError: Error, CustomStringConvertible {
  package let description: String

  package init(_ text: String, _ content: HubContent, _ reason: String) {
    let problem =
      switch content {
      case .model, .gguf: "does not exist: expected a model's folder, or a name on the hub"
      case .adapter: "is not the folder of an adapter: it does not exist"
      case .either: "does not exist: expected a folder, or a name on the hub"
      }
    description = "\(text) \(problem); \(reason)"
  }

  /// A path at which there is nothing, where a model, an adapter or a file of tensors is expected.
  package init(missing text: String) {
    description = "\(text) does not exist: expected a model, an adapter, or a file of tensors"
  }

  /// Where a folder with a similar name is, which was probably meant.
  package init(_ text: String, _ content: HubContent, nearest place: String) {
    let isFile = place.hasSuffix(".gguf")
    let problem =
      switch content {
      case .model, .gguf:
        "does not exist: expected a model's folder" + (isFile ? " or a GGUF file" : "")
      case .adapter: "is not the folder of an adapter: it does not exist"
      case .either: "does not exist: expected a folder"
      }
    description = "\(text) \(problem); did you mean \(place)?"
  }
}

extension HubError {
  /// Whether a folder may have been meant that was misspelt.
  package var isAboutNothingThere: Bool {
    switch kind {
    case .absent, .offline, .unreachable, .malformed: true
    default: false
    }
  }
}
