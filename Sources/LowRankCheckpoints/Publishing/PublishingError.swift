import LowRankKeys

/// Why something cannot be published where it was asked for.
public enum PublishingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Something is there already, and replacing it was not asked for.
  case exists(path: String)
  /// Other files are there, and writing beside them was not asked for.
  case holdsOthers(path: String, names: [String])
  /// A folder was to be published where a file is.
  case notAFolder(path: String)
  /// A file was to be published where something else is.
  case notAFile(path: String)
  /// The path is a symbolic link whose destination does not exist.
  case brokenLink(path: String)
  /// The folder to be replaced is, or contains, the one that the process works in.
  case containsCurrentFolder(path: String)
  /// The output is complete but could not be moved into place; it was kept elsewhere.
  case kept(path: String, whole: String, reason: String)
  /// The output was saved into the folder, but not all of its files could be renamed yet.
  case unfinished(path: String, whole: String, reason: String)
  /// It was published, but what was there before could not be removed.
  case leftover(path: String, previous: String, reason: String)

  private static func list(_ names: [String]) -> String {
    names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
  }

  /// One sentence: what is wrong and what to do.
  public var description: String {
    switch self {
    case .exists(let path):
      "\(path) exists already; pass \(setting: "overwrite") to replace it"
    case .holdsOthers(let path, let names):
      "\(path) holds other files (\(Self.list(names))); pass \(setting: "overwrite") to write beside them: they stay"
    case .notAFolder(let path):
      "\(path) is a file, but the output is a folder; choose another place"
    case .notAFile(let path):
      "\(path) is not a regular file, but the output is one; choose another place"
    case .brokenLink(let path):
      "\(path) is a link to something that does not exist; remove the link, or choose another place"
    case .containsCurrentFolder(let path):
      "\(path) contains the current folder and is not replaced; choose another place"
    case .kept(let path, let whole, let reason):
      "\(path) cannot be written: \(reason); the complete output is in \(whole): move it to its destination"
    case .unfinished(let path, let whole, let reason):
      "\(path) cannot be finished: \(reason); the complete save is in \(whole), and the next command that can write \(path) finishes it"
    case .leftover(let path, let previous, let reason):
      "\(path) was written, but its previous content cannot be removed from \(previous): \(reason)"
    }
  }
}
