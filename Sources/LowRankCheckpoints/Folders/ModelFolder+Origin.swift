import Foundation

extension ModelFolder {
  /// A commit of a repository of the hub.
  public struct Origin: Hashable, Sendable {
    /// The repository, as `owner/name`.
    public let name: String
    /// The commit, 40 hexadecimal digits.
    public let commit: String
  }

  /// Where the model is from, told from a place in the hub's cache: `models--owner--name/snapshots/<commit>`.
  public var origin: Origin? {
    let parts = url.standardizedFileURL.pathComponents.suffix(3).map { $0 }
    let prefix = "models--"
    guard parts.count == 3, parts[0].hasPrefix(prefix), parts[1] == "snapshots",
      parts[2].utf8.count == 40, parts[2].allSatisfy({ $0.isASCII && $0.isHexDigit })
    else { return nil }
    return Origin(
      name: String(parts[0].dropFirst(prefix.count)).replacing("--", with: "/"), commit: parts[2])
  }
}
