import Foundation

/// A folder whose folders are adapters, each under its name.
package struct FolderOfAdapters: Sendable {
  let url: URL?
  /// The name of the base, which no folder is served under.
  let baseName: String

  /// Whether a text can be the name of a folder and leads nowhere else.
  package static func isPlain(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 255 && !name.hasPrefix(".")
      && name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") }
  }

  /// Where an adapter of a name would lie; nil for what is no name, and without a folder.
  func place(of name: String) -> URL? {
    guard let url, Self.isPlain(name) else { return nil }
    return url.appending(path: name)
  }

  /// Whether an adapter of a name is there.
  func holds(_ name: String) -> Bool {
    guard name != baseName, let place = place(of: name) else { return false }
    return ["adapter_config.json", "adapters.safetensors"].contains {
      FileManager.default.fileExists(atPath: place.appending(path: $0).path)
    }
  }

  /// The names of the adapters that are there, in order.
  var names: [String] {
    guard let url else { return [] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    return names.sorted().filter(holds)
  }
}
