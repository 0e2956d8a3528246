import Foundation
import LowRankCheckpoints

extension DataFiles {
  /// The images of a folder, or those that a table names.
  ///
  /// A folder holds a folder for each split, called `train`, `valid` and `test` or alike, or is all to train on. In the
  /// folder of a split, a `metadata.csv`, `.jsonl` or `.parquet` names images and labels; else each class has a folder. Tables
  /// may also be called after their splits, such as `train.csv`. Parquet files that hold the images themselves are found as
  /// those of other data sets are.
  /// - Parameters:
  ///   - configs: the configurations that the folder's card declares.
  ///   - choice: what the user chooses.
  /// - Throws: `DataError` if there is nothing to read, or a split that was named is not there.
  public init(
    imagesAt url: URL, configs: [DatasetConfig] = [], choice: SplitChoice = SplitChoice()
  ) throws {
    let place = url.relativePath
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw DataError(place, "there is no such file or folder")
    }
    let isFolder = ImageListing.isFolder(url)
    let splits = isFolder ? ImageSplits(in: url) : nil
    if let splits, !splits.holdTraining, let paths = Self.parquetPaths(in: url, configs) {
      let layout = try DatasetLayout(of: paths, configs: configs, choice: choice, at: place)
      self.init(layout, in: url, choice: choice, at: place)
      return
    }
    guard choice.config == nil else {
      throw DataError(place, "images have no configurations to choose from")
    }
    guard isFolder || choice.splits.isEmpty else {
      throw DataError(place, "a single file has no splits to choose from")
    }
    var roles: [SplitRole: DataSplit] = [:]
    for role in SplitRole.allCases {
      if let name = choice.splits[role] {
        guard let split = splits?.named(name) else {
          throw DataError(
            place, "there is no split \"\(name)\"; \(splits?.listing ?? "there are none")")
        }
        roles[role] = split
      } else {
        roles[role] = splits?.of(role)
      }
    }
    let isWhole = roles.isEmpty
    if isWhole { roles[.train] = ImageSplits.whole(url) }
    for (role, path) in choice.files { roles[role] = DataSplit(URL(filePath: path)) }
    if !choice.readsTraining, !isWhole || !choice.files.isEmpty { roles[.train] = nil }
    guard !choice.needsTraining || roles[.train] != nil else {
      throw DataError(
        place, "there are no images to train on; \(splits?.listing ?? "there are no splits")")
    }
    self.init(roles: roles, remarks: [])
  }

  /// The Parquet files below a folder, if their names or the card say which splits they are; nil otherwise.
  private static func parquetPaths(in folder: URL, _ configs: [DatasetConfig]) -> [String]? {
    let paths = paths(in: folder).filter {
      DataFormat.ending(of: $0) == DataFormat.parquet.rawValue
        && !$0.hasSuffix(ImageSplits.parquetTable)
    }
    let isSaid =
      !configs.isEmpty || !SplitFolder.configs(in: paths).isEmpty
      || SplitFolder("", of: paths).groups.contains { $0.role != nil || $0.isNamed }
    return paths.isEmpty || !isSaid ? nil : paths
  }
}

/// The splits of a folder of images.
private struct ImageSplits {
  private let folder: URL
  /// The folders of splits, and the tables called after one.
  private let names: [(name: String, split: DataSplit)]

  init(in folder: URL) {
    self.folder = folder
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    typealias Named = (name: String, split: DataSplit)
    let tables = files.sorted(by: isEarlier).compactMap { file -> Named? in
      guard let ending = DataFormat.ending(of: file) else { return nil }
      return (
        name: String(file.dropLast(ending.count + 1)),
        split: DataSplit(folder.appending(path: file))
      )
    }
    let folders = ImageListing.folders(in: folder).map {
      (name: $0, split: Self.whole(folder.appending(path: $0)))
    }
    // Classes may have any names, so splits are recognized where one to train on is among them.
    let all = folders + tables
    names = all.contains { SplitRole.role(of: $0.name)?.role == .train } ? all : tables
  }

  /// The name of the table of Parquet that may name the images beside it.
  static let parquetTable = "metadata.parquet"

  /// Whether there is a split to train on.
  var holdTraining: Bool { of(.train) != nil }

  /// A folder as a whole: the table in it that names its images, the images of its classes, or Parquet files that hold them.
  static func whole(_ folder: URL) -> DataSplit {
    let tables = ["metadata.csv", "metadata.jsonl", parquetTable].map { folder.appending(path: $0) }
    if let table = tables.first(where: { FileManager.default.fileExists(atPath: $0.path) }) {
      return DataSplit(table)
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let files = names.filter {
      !$0.hasPrefix(".") && DataFormat.ending(of: $0) == DataFormat.parquet.rawValue
    }.sorted(by: isEarlier)
    guard !files.isEmpty, ImageListing.folders(in: folder).isEmpty else { return DataSplit(folder) }
    return DataSplit(files.map { folder.appending(path: $0) })
  }

  func of(_ role: SplitRole) -> DataSplit? {
    names.first { SplitRole.role(of: $0.name)?.role == role }?.split
  }

  func named(_ name: String) -> DataSplit? {
    if let known = names.first(where: { $0.name == name }) { return known.split }
    let own = folder.appending(path: name)
    return ImageListing.isFolder(own) ? Self.whole(own) : nil
  }

  /// The names, as a clause.
  var listing: String {
    let known = names.map(\.name)
    return known.isEmpty ? "there are none" : "there are \(known.joined(separator: ", "))"
  }
}
