/// A repository of the hub and the revision of it that is meant: `owner/name@revision`.
public struct HubName: Hashable, Sendable, CustomStringConvertible {
  /// The repository: `owner/name`, or `name` alone for the oldest ones.
  public let id: String
  /// A branch, a tag, or a commit.
  public let revision: String
  /// What the repository holds.
  public let kind: RepositoryKind

  /// The branch that is meant where none is named.
  public static let defaultRevision = "main"

  /// Reads `owner/name`, `name`, or either with `@revision`.
  ///
  /// - Throws: `HubError` where it is none of these.
  public init(_ text: String, kind: RepositoryKind = .model) throws(HubError) {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let id = String(parts[0])
    guard Self.isRepository(id) else { throw .badName(text) }
    let revision = parts.count > 1 ? String(parts[1]) : Self.defaultRevision
    guard Self.isRevision(revision) else { throw .badRevision(revision, in: text) }
    self.id = id
    self.revision = revision
    self.kind = kind
  }

  /// The name in addresses of pages and files.
  var page: String { kind.prefix + id }

  /// Whether the revision is a commit, which always means the same files.
  public var isCommit: Bool { Self.isCommit(revision) }

  /// The name as it is given, the revision left out where it is the default.
  public var description: String {
    revision == Self.defaultRevision ? id : "\(id)@\(revision)"
  }

  /// Whether a text is a whole commit: 40 hexadecimal digits.
  static func isCommit(_ text: String) -> Bool { isHexadecimal(text, count: 40) }

  static func isHexadecimal(_ text: String, count: Int) -> Bool {
    text.utf8.count == count
      && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }

  /// The hub's own rules: at most 96 characters of letters, digits and `-_.`, none of the latter two at an end.
  private static func isRepository(_ id: String) -> Bool {
    let parts = id.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), id.utf8.count <= 96, !id.hasSuffix(".git"),
      !id.contains("--"), !id.contains("..")
    else { return false }
    return parts.allSatisfy { part in
      guard let first = part.utf8.first, let last = part.utf8.last else { return false }
      let edges = Set("-.".utf8)
      return !edges.contains(first) && !edges.contains(last)
        && part.utf8.allSatisfy { isLetterOrDigit($0) || Set("-_.".utf8).contains($0) }
    }
  }

  /// What git takes as a reference, of ASCII alone, so that it is also safe as a path.
  private static func isRevision(_ revision: String) -> Bool {
    guard revision.utf8.count <= 255, !revision.contains("..") else { return false }
    return revision.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
      guard let first = part.utf8.first, first != UInt8(ascii: "."), !part.hasSuffix(".lock")
      else { return false }
      return part.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !Set("~^:?*[\\".utf8).contains($0) }
    }
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
  }
}
