import Foundation
import LowRankCheckpoints
import LowRankHub

/// The folder that a misspelt path most likely means.
enum NearestPath {
  /// An existing path near one that does not exist; nil if there is none.
  ///
  /// Each part of the path that does not exist is replaced by the nearest name in its folder. `~` at the start stands for
  /// the home folder, which a shell does not replace between quotes.
  static func place(near text: String) -> String? {
    var text = text
    if text == "~" || text.hasPrefix("~/") {
      let home = Terminal.variable("HOME")
      text = (home.isEmpty ? NSHomeDirectory() : home) + text.dropFirst()
      if exists(text) { return text }
    }
    // A name without a folder may stand for anything.
    guard text.contains("/") else { return nil }
    var place = text.hasPrefix("/") ? "/" : ""
    for part in text.split(separator: "/").map(String.init) {
      let next = place + part
      if exists(next) {
        place = next + "/"
        continue
      }
      guard let name = nearestName(to: part, among: entries(of: place)) else { return nil }
      place += name + "/"
    }
    let found = String(place.dropLast())
    return exists(found) && !found.isEmpty ? found : nil
  }

  /// The folders in a folder, and the files that may be models or adapters.
  private static func entries(of place: String) -> [String] {
    let folder = place.isEmpty ? "." : place
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().filter { name in
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: place + name, isDirectory: &isFolder)
      return isFolder.boolValue || name.hasSuffix(".gguf")
    }
  }

  private static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path)
  }
}
