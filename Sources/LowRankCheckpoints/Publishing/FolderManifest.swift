import Foundation

/// The content of a folder: each file with its size and hash, in `manifest.json`, which is written last.
package struct FolderManifest {
  /// The name of the manifest's file.
  package static let name = "manifest.json"
  private static let version = 1

  /// The files, by their paths in the folder.
  package let files: JSONObject

  /// Lists the files of a folder and its subfolders, except subfolders with a manifest of their own.
  ///
  /// - Parameter isListed: whether a file is listed, by its path in the folder.
  /// - Throws: `FileError`.
  package init(of folder: URL, where isListed: (String) -> Bool = { _ in true }) throws {
    var files = JSONObject()
    for path in try Self.paths(in: folder.path, below: "") where isListed(path) {
      files[path] = .object(try Self.entry(of: folder.appending(path: path)))
    }
    self.files = files
  }

  /// A manifest with known entries.
  package init(files: JSONObject) { self.files = files }

  /// Reads the manifest of a folder; nil if there is none.
  ///
  /// - Throws: `JSONError`, `FileError`; `ManifestError` if the manifest has another version.
  package init?(in folder: URL) throws {
    let url = folder.appending(path: Self.name)
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    let json = try JSONFile(at: url)
    guard try json.integer("version") == Self.version else { throw ManifestError.otherVersion }
    files = try json.object("files").object
  }

  /// Writes the manifest into its folder.
  ///
  /// - Throws: `FileError`.
  package func write(into folder: URL) throws {
    let json: JSONValue = ["version": .integer(Self.version), "files": .object(files)]
    try json.write(to: folder.appending(path: Self.name))
  }

  /// Describes the first file that differs from the manifest; nil if none does.
  ///
  /// - Throws: `FileError`.
  package func difference(from folder: URL) throws -> String? {
    for (path, expected) in files.entries {
      let file = folder.appending(path: path)
      guard FileManager.default.fileExists(atPath: file.path) else { return "\(path) is missing" }
      guard try JSONValue.object(Self.entry(of: file)) == expected else {
        return "\(path) has changed since it was written"
      }
    }
    return nil
  }

  private static func entry(of file: URL) throws -> JSONObject {
    let mapped = try MappedFile(at: file)
    return [
      "bytes": .integer(mapped.bytes.count),
      "murmur3": .string(MurmurHash3(of: mapped.bytes).hexadecimal),
    ]
  }

  private static func paths(in root: String, below folder: String) throws -> [String] {
    let place = folder.isEmpty ? root : root + "/" + folder
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: place).sorted() } catch {
      throw FileError("read", place, reason: systemReason(error))
    }
    return try names.flatMap { name -> [String] in
      let path = folder.isEmpty ? name : folder + "/" + name
      if path == Self.name || name.hasPrefix(InPlaceSave.prefix) { return [] }
      guard URL(fileURLWithPath: root + "/" + path).isFolder else { return [path] }
      let hasOwn = URL(fileURLWithPath: root + "/" + path + "/" + Self.name).isFile
      return hasOwn ? [] : try paths(in: root, below: path)
    }
  }
}

/// An error in a manifest.
package enum ManifestError: Error, Hashable, Sendable {
  /// The manifest has the format of another version.
  case otherVersion
}
