import Foundation

/// The files of a data set: one to train on, perhaps one to evaluate on in between and one at the end.
public struct DataFiles: Hashable, Sendable {
  /// The rows to train on.
  public var train: URL
  /// The rows that training is evaluated on.
  public var valid: URL?
  /// The rows for the final test.
  public var test: URL?

  /// The given files.
  public init(train: URL, valid: URL? = nil, test: URL? = nil) {
    self.train = train
    self.valid = valid
    self.test = test
  }

  /// The files that a folder holds.
  ///
  /// They are called `train`, `valid` (or `validation`, or `dev`) and `test`, each ending in .jsonl,
  /// .json, .csv, .tsv or .txt. A single file is one to train on.
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
    guard let train = try Self.file(["train"], in: url) else {
      throw DataError(
        path, "expected a file train.jsonl, train.json, train.csv, train.tsv or train.txt")
    }
    self.init(
      train: train, valid: try Self.file(["valid", "validation", "dev"], in: url),
      test: try Self.file(["test"], in: url))
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
