import Foundation

/// Repositories read from folders on disk.
enum Folders {
  /// The files below a folder by their paths, except hidden ones.
  static func files(in folder: URL) throws -> [String: StoredFile] {
    var files: [String: StoredFile] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    where !path.split(separator: "/").contains(where: { $0.hasPrefix(".") }) {
      let file = folder.appending(path: path).resolvingSymlinksInPath()
      guard isFile(file) else { continue }
      let bytes = try Data(contentsOf: file, options: .alwaysMapped)
      files[path] = StoredFile(bytes, isLarge: StoredFile.isLarge(path, size: bytes.count))
    }
    return files
  }

  /// The folders `owner/name` below a root, and those of one name that hold files themselves; data sets are those in the
  /// folder `datasets`.
  static func repositories(below root: URL) throws -> [(id: String, folder: URL)] {
    try folders(in: root).flatMap { owner -> [(id: String, folder: URL)] in
      let name = owner.lastPathComponent
      if name == "datasets" {
        return try repositories(below: owner).map { ("datasets/\($0.id)", $0.folder) }
      }
      let holdsFiles = try entries(of: owner).contains(where: isFile)
      if holdsFiles { return [(name, owner)] }
      return try folders(in: owner).map { ("\(name)/\($0.lastPathComponent)", $0) }
    }
  }

  private static func folders(in folder: URL) throws -> [URL] {
    try entries(of: folder).filter(\.hasDirectoryPath)
  }

  private static func entries(of folder: URL) throws -> [URL] {
    try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil, options: .skipsHiddenFiles
    ).map { $0.resolvingSymlinksInPath() }.sorted { $0.path < $1.path }
  }

  private static func isFile(_ url: URL) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
      && !isFolder.boolValue
  }
}
