import Foundation
import LowRankCheckpoints
import LowRankImages

/// The images in a folder, in the order of the bytes of their paths.
struct ImageListing {
  /// The column of paths.
  static let fileColumn = "file_name"
  /// The column of classes.
  static let labelColumn = "label"

  let classes: [String]?
  let table: DataTable

  /// Lists images in the folders of their classes, or anywhere in a folder.
  ///
  /// - Throws: `DataError` for a folder without images, or with a class without images.
  init(_ folder: URL, isLabelled: Bool) throws(DataError) {
    let place = folder.relativePath
    let (files, others) = Self.files(in: folder)
    var remarks: [String] = []
    func remark(_ count: Int, _ one: String, _ many: String) {
      if count > 0 { remarks.append("\(count) \(count == 1 ? one : many)") }
    }
    remark(others, "file is no PNG or JPEG by its name", "files are no PNG or JPEG by their names")
    guard isLabelled else {
      guard !files.isEmpty else { throw DataError(place, "the folder holds no PNG or JPEG image") }
      classes = nil
      table = Self.table(
        place, files.map { [Self.fileColumn: .string($0)] }, remarks)
      return
    }
    let names = Self.folders(in: folder)
    guard names.count > 0 else {
      throw DataError(
        place,
        "there are no folders of images in it, one for each class, and no metadata.csv with file_name and label"
      )
    }
    var known = Set(names.map { ExactText($0) })
    var rows: [JSONObject] = []
    for file in files {
      let parts = file.split(separator: "/", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let name = String(parts[0])
      known.remove(ExactText(name))
      rows.append([
        Self.fileColumn: .string(file), Self.labelColumn: .string(name),
      ])
    }
    if let empty = known.sorted().first {
      throw DataError(
        "\(place)/\(empty.string)",
        "the class has no image; put PNG or JPEG files into its folder, or remove it")
    }
    remark(
      files.count - rows.count, "image lies beside the folders of classes and is not read",
      "images lie beside the folders of classes and are not read")
    classes = names
    table = Self.table(place, rows, remarks)
  }

  /// Whether there is a folder at a place.
  static func isFolder(_ url: URL) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
      && isFolder.boolValue
  }

  /// Whether a name ends as those of images do.
  static func isImage(_ name: String) -> Bool {
    let parts = name.split(separator: ".")
    return parts.count > 1 && ImageFormat.endings.contains(parts[parts.count - 1].lowercased())
  }

  /// The folders in a folder, but hidden ones.
  static func folders(in folder: URL) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { !$0.hasPrefix(".") && isFolder(folder.appending(path: $0)) }
      .map { ExactText($0) }.sorted().map(\.string)
  }

  private static func files(in folder: URL) -> (images: [String], others: Int) {
    var (images, others): ([ExactText], Int) = ([], 0)
    func add(_ prefix: String, depth: Int) {
      let place = prefix.isEmpty ? folder : folder.appending(path: prefix)
      let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
      for name in names where !name.hasPrefix(".") {
        if isFolder(place.appending(path: name)) {
          // A link to a folder above would never end.
          if depth < Self.depth { add("\(prefix)\(name)/", depth: depth + 1) }
        } else if isImage(name) {
          images.append(ExactText(prefix + name))
        } else {
          others += 1
        }
      }
    }
    add("", depth: 0)
    return (images.sorted().map(\.string), others)
  }

  /// The deepest folder below the first that images are looked for in.
  private static let depth = 8

  private static func table(
    _ place: String, _ rows: [JSONObject], _ remarks: [String]
  ) -> DataTable {
    DataTable(
      place, .json, rows: rows.enumerated().map { DataRow(number: $0 + 1, fields: $1) },
      remarks: remarks, repeated: [], parts: [])
  }
}
