import Foundation

extension ModelFolder {
  /// A commit of a repository of the hub.
  public struct Origin: Hashable, Sendable {
    /// The repository, as `owner/name`.
    public let name: String
    /// The commit, 40 hexadecimal digits.
    public let commit: String
    /// The path of a GGUF file in the repository; nil for a folder.
    public let path: String?

    /// What the model is called: the repository, and the GGUF file in it.
    public var model: String { path.map { "\(name)/\($0)" } ?? name }
  }

  /// Where the model is from, told from a place in the hub's cache: `models--owner--name/snapshots/<commit>`, and the path
  /// of a GGUF file below it.
  public var origin: Origin? {
    let parts = url.standardizedFileURL.pathComponents
    let prefix = "models--"
    guard let index = parts.lastIndex(of: "snapshots"), index > 0, index + 1 < parts.count,
      parts[index - 1].hasPrefix(prefix), parts[index + 1].utf8.count == 40,
      parts[index + 1].allSatisfy({ $0.isASCII && $0.isHexDigit }),
      isGGUF == (index + 2 < parts.count)
    else { return nil }
    return Origin(
      name: String(parts[index - 1].dropFirst(prefix.count)).replacing("--", with: "/"),
      commit: parts[index + 1],
      path: isGGUF ? parts[(index + 2)...].joined(separator: "/") : nil)
  }
}
