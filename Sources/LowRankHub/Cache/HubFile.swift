/// A GGUF file in a repository of the hub: `owner/name/file.gguf` or `owner/name@revision/file.gguf`, the file perhaps in a
/// subfolder.
public struct HubFile: Hashable, Sendable, CustomStringConvertible {
  /// The repository and the revision.
  public let repository: HubName
  /// The path of the file in the repository.
  public let path: String

  /// Reads a name; nil where the text is none, such as the name of a repository or of a file beside it.
  ///
  /// A revision ends at the next slash, except that `refs/pr/1` and `refs/convert/parquet` are whole ones.
  /// - Throws: `HubError` where it has the parts of one, but names no repository or no revision.
  public init?(_ text: String) throws(HubError) {
    guard Self.isGGUF(text) else { return nil }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count > 2 else { return nil }
    let marked = parts[1].split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let isReference = marked.count > 1 && marked[1] == "refs" && parts.count > 4
    let count = isReference ? 4 : 2
    let path = parts[count...].joined(separator: "/")
    guard NeededFiles.isSafe(path) else { return nil }
    repository = try HubName(parts[..<count].joined(separator: "/"))
    self.path = path
  }

  /// A file of a repository.
  init(_ repository: HubName, _ path: String) { (self.repository, self.path) = (repository, path) }

  /// Whether a path is that of a GGUF file.
  static func isGGUF(_ path: String) -> Bool { path.lowercased().hasSuffix(".gguf") }

  /// The name as it is given.
  public var description: String { "\(repository)/\(path)" }

  /// The paths of all parts of a model that llama.cpp split, `name-00001-of-00003.gguf`; the path itself of any other.
  static func parts(of path: String) -> [String] {
    guard let match = path.wholeMatch(of: /(?<name>.*)-(?<number>\d{5})-of-(?<count>\d{5})\.gguf/),
      let count = Int(match.count), let number = Int(match.number), (1...9999).contains(count),
      (1...count).contains(number)
    else { return [path] }
    func digits(_ number: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: 5 - text.count) + text
    }
    return (1...count).map { "\(match.name)-\(digits($0))-of-\(digits(count)).gguf" }
  }
}
