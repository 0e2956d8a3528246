import Foundation
import LowRankKeys

/// The files of a data set: those to train on, perhaps some to evaluate on in between and some at the end.
public struct DataFiles: Hashable, Sendable {
  /// The rows to train on; nil only if the choice did not ask for any.
  public private(set) var roles: [SplitRole: DataSplit]
  /// The names of files that look like data but are not used, and of splits.
  public private(set) var unused: [String] = []
  /// A remark on what is not used; nil if everything is.
  public private(set) var warning: String?
  /// Remarks on how the files were found.
  public private(set) var remarks: [String] = []

  /// The given splits.
  public init(train: DataSplit, valid: DataSplit? = nil, test: DataSplit? = nil) {
    roles = [.train: train]
    roles[.valid] = valid
    roles[.test] = test
  }

  /// The given files.
  public init(train: URL, valid: URL? = nil, test: URL? = nil) {
    self.init(
      train: DataSplit(train), valid: valid.map { DataSplit($0) }, test: test.map { DataSplit($0) })
  }

  /// The given splits, of which there may be none to train on.
  init(roles: [SplitRole: DataSplit], remarks: [String]) {
    (self.roles, self.remarks) = (roles, remarks)
  }

  /// The files that a layout names in a folder, with the files of the choice in their place.
  ///
  /// - Parameters:
  ///   - place: the name of the data set, for messages.
  ///   - namesFolder: whether messages name the folder before each file.
  public init(
    _ layout: DatasetLayout, in folder: URL, choice: SplitChoice, at place: String,
    namesFolder: Bool = true
  ) {
    func file(_ path: String) -> URL {
      namesFolder ? folder.appending(path: path) : URL(filePath: path, relativeTo: folder)
    }
    roles = layout.paths.mapValues { DataSplit($0.map(file)) }
    for (role, path) in choice.files {
      let here = URL(filePath: path)
      let isHere = FileManager.default.fileExists(atPath: here.path)
      let inside = file(path)
      let isInside = FileManager.default.fileExists(atPath: inside.path)
      roles[role] = DataSplit(!isHere && isInside ? inside : here)
    }
    let chosen = Set(choice.files.values.map { URL(filePath: $0).standardizedFileURL.path })
    unused = layout.unusedFiles.filter {
      !chosen.contains(file($0).standardizedFileURL.path)
    }
    if !unused.isEmpty {
      let are = unused.count == 1 ? "is" : "are"
      warning = """
        \(place): \(DatasetLayout.listed(unused)) \(are) not used; \
        the files of a data folder are called train, valid (validation, val, dev, eval) and test
        """
    }
    if !layout.unusedSplits.isEmpty {
      let isOne = layout.unusedSplits.count == 1
      unused += layout.unusedSplits
      remarks.append(
        """
        \(place): the split\(isOne ? "" : "s") \(DatasetLayout.listed(layout.unusedSplits)) \(isOne ? "is" : "are") not \
        used; \(setting: "train_split"), \(setting: "valid_split") and \(setting: "test_split") name others
        """)
    }
    remarks += layout.remarks.map { "\(place): \($0)" }
  }

  /// The files that a folder holds; a path to a single file is the training file.
  ///
  /// Files and folders are called after their splits: `train`, `valid` (or `validation`, `val`, `dev`, `eval`) and `test`.
  /// Several files of one split, such as `train-00000-of-00002.jsonl`, are read in order as one.
  /// - Parameters:
  ///   - configs: the configurations that the folder's card declares.
  ///   - choice: what the user chooses.
  /// - Throws: `DataError` if there is nothing to train on, or if several files serve one purpose.
  public init(
    at url: URL, configs: [DatasetConfig] = [], choice: SplitChoice = SplitChoice()
  ) throws {
    let place = url.relativePath
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw DataError(place, "there is no such file or folder")
    }
    guard isFolder.boolValue else {
      guard choice.config == nil, choice.splits.isEmpty else {
        throw DataError(place, "a single file has no configurations or splits to choose from")
      }
      self.init(
        DatasetLayout(), in: url.deletingLastPathComponent(), choice: choice, at: place)
      if roles[.train] == nil { roles[.train] = DataSplit(url) }
      return
    }
    let layout = try DatasetLayout(
      of: Self.paths(in: url), configs: configs, choice: choice, at: place)
    self.init(layout, in: url, choice: choice, at: place)
  }

  /// The files of a downloaded data set in a folder, whose rows may name images in it alone.
  package func confined(to folder: URL) -> DataFiles {
    var files = self
    files.roles = roles.mapValues { $0.confined(to: folder) }
    return files
  }

  /// The rows to train on.
  public var train: DataSplit {
    guard let split = roles[.train] else {
      preconditionFailure("a choice without training has no rows to train on")
    }
    return split
  }

  /// The rows that training is evaluated on.
  public var valid: DataSplit? { roles[.valid] }

  /// The rows for the final test.
  public var test: DataSplit? { roles[.test] }

  /// The paths of the files in a folder and the folders below it, without hidden ones.
  static func paths(in folder: URL, _ prefix: String = "", depth: Int = 0) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { !$0.hasPrefix(".") }.flatMap { name -> [String] in
      let place = folder.appending(path: name)
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder) else {
        return []
      }
      guard isFolder.boolValue else { return [prefix + name] }
      return depth < Self.depth ? paths(in: place, prefix + name + "/", depth: depth + 1) : []
    }
  }

  /// The deepest path that the conventions know is `data/config/train/part.jsonl`, in the third folder.
  private static let depth = 3
}
