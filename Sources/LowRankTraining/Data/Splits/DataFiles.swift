import Foundation

/// The files of a data set: one to train on, perhaps one to evaluate on in between and one at the end.
public struct DataFiles: Hashable, Sendable {
  /// The rows to train on.
  public var train: URL
  /// The rows that training is evaluated on.
  public var valid: URL?
  /// The rows for the final test.
  public var test: URL?
  /// The names of other files in the folder that look like data but are not used.
  public private(set) var unused: [String] = []

  /// The given files.
  public init(train: URL, valid: URL? = nil, test: URL? = nil) {
    self.train = train
    self.valid = valid
    self.test = test
  }

  /// The names, without extensions, of the files for evaluation during training.
  private static let validNames = ["valid", "validation", "val", "dev", "eval"]

  /// The files that a folder holds.
  ///
  /// They are called `train`, `valid` (or `validation`, `val`, `dev`, `eval`) and `test`, with the extension .jsonl,
  /// .json, .csv, .tsv or .txt. A path to a single file is the training file.
  /// - Throws: `DataError` where there is nothing to train on, or two files for one purpose.
  public init(at url: URL) throws {
    let path = url.relativePath
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw DataError(path, "there is no such file or folder")
    }
    guard isFolder.boolValue else {
      self.init(train: url)
      return
    }
    let train = try Self.file(["train"], in: url)
    let valid = try Self.file(Self.validNames, in: url)
    let test = try Self.file(["test"], in: url)
    let used = [train, valid, test].compactMap { $0?.lastPathComponent }
    let unused = Self.dataFiles(in: url).filter { !used.contains($0) }
    guard let train else {
      throw DataError(
        path,
        "expected a file train.jsonl, train.json, train.csv, train.tsv or train.txt"
          + (unused.isEmpty ? "" : "; the folder has \(Self.listed(unused))"))
    }
    self.init(train: train, valid: valid, test: test)
    self.unused = unused
  }

  /// A remark on the files that are not used; nil if all are.
  public var warning: String? {
    guard !unused.isEmpty else { return nil }
    return """
      \(train.deletingLastPathComponent().relativePath): \(Self.listed(unused)) \(unused.count == 1 ? "is" : "are") not used; \
      the files of a data folder are called train, valid (validation, val, dev, eval) and test
      """
  }

  private static func listed(_ names: [String]) -> String {
    names.prefix(5).joined(separator: ", ")
      + (names.count > 5 ? " and \(names.count - 5) more" : "")
  }

  /// The names of the visible files that look like rows, compressed or not, by their extensions.
  private static func dataFiles(in folder: URL) -> [String] {
    let ends =
      DataFormat.allCases.map(\.rawValue) + [
        "ndjson", "parquet", "arrow", "feather", "xlsx", "gz", "bz2", "xz", "zst", "zip",
      ]
    let descriptions = ["readme.txt", "license.txt", "dataset_info.json", "dataset_infos.json"]
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().filter { name in
      var isFolder: ObjCBool = false
      let place = folder.appendingPathComponent(name)
      return !name.hasPrefix(".") && ends.contains(place.pathExtension.lowercased())
        && !descriptions.contains(name.lowercased())
        && FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder)
        && !isFolder.boolValue
    }
  }

  private static func file(_ names: [String], in folder: URL) throws(DataError) -> URL? {
    let found = names.flatMap { name in
      DataFormat.allCases.map { folder.appendingPathComponent("\(name).\($0.rawValue)") }
    }.filter { FileManager.default.fileExists(atPath: $0.path) }
    guard found.count <= 1 else {
      throw DataError(
        folder.relativePath,
        """
        \(found.map(\.lastPathComponent).joined(separator: " and ")) serve the same purpose; \
        keep one of them, or name the files
        """)
    }
    return found.first
  }
}
