import Foundation

/// A pattern of paths: `*`, `?` and `[…]` match within a name, `**` matches any number of folders.
struct GlobPattern {
  private let parts: [String]

  init(_ text: String) {
    let path = text.hasPrefix("./") ? String(text.dropFirst(2)) : text
    parts = path.split(separator: "/").map(String.init)
  }

  /// Whether a path matches; a pattern that names a folder matches all files in it.
  func matches(_ path: String) -> Bool {
    Self.matches(path.split(separator: "/").map(String.init)[...], parts[...])
  }

  private static func matches(_ names: ArraySlice<String>, _ parts: ArraySlice<String>) -> Bool {
    guard let part = parts.first else { return names.isEmpty }
    let rest = parts.dropFirst()
    if part == "**" {
      return rest.isEmpty || names.indices.contains { matches(names[$0...], rest) }
    }
    guard let name = names.first, fnmatch(part, name, FNM_PERIOD) == 0 else { return false }
    let isFolder = rest.isEmpty && !part.contains { "*?[".contains($0) }
    return isFolder || matches(names.dropFirst(), rest)
  }
}
