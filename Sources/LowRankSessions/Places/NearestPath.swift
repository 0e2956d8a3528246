import Foundation
import LowRank
import LowRankCheckpoints
import LowRankHub

/// The folder or file that a misspelt path most likely means.
package enum NearestPath {
  /// An existing path of a model or an adapter near one that does not exist; nil if there is none.
  ///
  /// A name without a folder may stand for anything, so only a folder that holds a model or an adapter is near it.
  package static func place(near text: String, _ content: HubContent) -> String? {
    let found = place(near: text) { $0.hasSuffix(".gguf") }
    guard let found, !text.contains("/") else { return found }
    let files =
      switch content {
      case .model, .gguf: ["config.json"]
      case .adapter: ["adapter_config.json"]
      case .either: ["config.json", "adapter_config.json"]
      }
    return found.hasSuffix(".gguf") || files.contains { exists(found + "/" + $0) } ? found : nil
  }

  /// An existing folder or file of rows near a path that does not exist; nil if there is none.
  package static func data(near text: String) -> String? {
    place(near: text) { DataFormat.looksLikeData($0) }
  }

  /// An existing path near one that does not exist; nil if there is none.
  ///
  /// Each part of the path that does not exist is replaced by the nearest name in its folder. `~` at the start stands for
  /// the home folder, which a shell does not replace between quotes.
  private static func place(near text: String, orFile isFile: (String) -> Bool) -> String? {
    var text = text
    if text == "~" || text.hasPrefix("~/") {
      let home = ProcessInfo.processInfo.environment["HOME"] ?? ""
      text = (home.isEmpty ? NSHomeDirectory() : home) + text.dropFirst()
      if exists(text) { return text }
    }
    var place = text.hasPrefix("/") ? "/" : ""
    for part in text.split(separator: "/").map(String.init) {
      let next = place + part
      if exists(next) {
        place = next + "/"
        continue
      }
      guard let name = nearestName(to: part, among: entries(of: place, orFile: isFile)) else {
        return nil
      }
      place += name + "/"
    }
    let found = String(place.dropLast())
    return exists(found) && !found.isEmpty ? found : nil
  }

  /// The folders in a folder, and the files that may be meant.
  private static func entries(of place: String, orFile isFile: (String) -> Bool) -> [String] {
    let folder = place.isEmpty ? "." : place
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().filter { name in
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: place + name, isDirectory: &isFolder)
      return isFolder.boolValue || isFile(name)
    }
  }

  private static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path)
  }
}
