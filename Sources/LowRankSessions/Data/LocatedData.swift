import Foundation
import LowRank
import LowRankHub
import LowRankKeys

/// The rows that the setting `data` names: a file, a folder, or a dataset on the hub, `owner/name[@revision][:config]`.
package enum LocatedData {
  /// The files of a data set.
  ///
  /// - Parameters:
  ///   - text: the setting `data`; nil if files are named alone.
  ///   - roles: the splits that are read; others are not fetched from the hub.
  ///   - announces: whether remarks on the files are printed.
  ///   - ofImages: whether rows are images.
  /// - Throws: `SettingsError`, `DataError`, `HubError`, `Interrupted`.
  package static func files(
    _ text: String?, _ options: SplitSettings, reading roles: [SplitRole], announces: Bool = true,
    ofImages: Bool = false
  ) throws -> DataFiles {
    var choice = try options.choice()
    choice.holdsImages = ofImages
    guard let text else {
      guard let train = choice.files[.train] else {
        throw SettingsError("\(.data) PATH is missing")
      }
      if let role = SplitRole.allCases.first(where: { choice.splits[$0] != nil }) {
        let split = Setting("\(role.rawValue)_split")
        throw SettingsError("\(setting: split) needs \(.data), which has the split")
      }
      func split(_ role: SplitRole) -> DataSplit? {
        choice.files[role].map { DataSplit(URL(filePath: $0)) }
      }
      let files = DataFiles(
        train: DataSplit(URL(filePath: train)), valid: split(.valid), test: split(.test))
      try check(choice, files)
      return files
    }
    let files = try find(text, choice, reading: roles)
    try check(choice, files)
    guard announces else { return files }
    if let warning = files.warning { Remarks.warn("\(warning)") }
    for remark in files.remarks { Remarks.note("\(remark)") }
    return files
  }

  /// The rows of one split: those that are named, else those to evaluate on, else those of the test.
  ///
  /// - Parameters:
  ///   - takesShare: whether the caller also reads a share of the rows to train on.
  ///   - ofImages: whether rows are images.
  /// - Throws: `DataError` if there are none; `HubError`, `Interrupted`.
  package static func rows(
    _ text: String, split: String? = nil, orShare takesShare: Bool = false, ofImages: Bool = false
  ) throws -> DataSplit {
    var choice = SplitChoice()
    choice.holdsImages = ofImages
    (choice.needsTraining, choice.readsTraining) = (false, false)
    choice.splits[.valid] = split
    let files = try find(text, choice, reading: split == nil ? [.valid, .test] : [.valid])
    if let rows = files.valid ?? files.test ?? files.roles[.train] { return rows }
    throw nothingToEvaluate(text, takesShare)
  }

  /// The rows that training with `valid_share` divides: those of a file, or of the split to train on.
  ///
  /// - Throws: `SettingsError` if there are rows to evaluate on; `DataError`, `HubError`, `Interrupted`.
  package static func trainingRows(
    _ text: String, split: String?, ofImages: Bool = false
  ) throws -> DataSplit {
    var choice = SplitChoice()
    choice.holdsImages = ofImages
    choice.splits[.train] = split
    let files = try find(text, choice, reading: [.train, .valid])
    if let valid = files.valid { throw SplitSettings.withoutEffect(valid.name) }
    return files.train
  }

  private static func nothingToEvaluate(
    _ place: String, _ takesShare: Bool = false
  ) -> DataError {
    let ways =
      takesShare
      ? "a split with \(setting: "split"), or with \(setting: "valid_share") the rows that training kept"
      : "or a split with \(setting: "split")"
    return DataError(place, "holds no valid and no test split; name the file to read, \(ways)")
  }

  private static func find(
    _ text: String, _ choice: SplitChoice, reading roles: [SplitRole]
  ) throws -> DataFiles {
    var choice = choice
    if isThere(text) { return try local(text, choice) }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    if parts.count == 2 {
      guard !parts[1].isEmpty else {
        throw SettingsError("\(.data) \(text) names no configuration after the colon")
      }
      choice.config = String(parts[1])
      if isThere(name) { return try local(name, choice) }
    }
    // A path is reported as one.
    guard !isPath(name) else { throw missing(text) }
    let dataset: HubName
    do { dataset = try HubName(name, kind: .dataset) } catch {
      throw missing(text, ", and \(error)")
    }
    do {
      let (snapshot, layout) = try fetched(dataset, choice, reading: roles)
      Remarks.note("\(dataset) is read at commit \(snapshot.commit.prefix(12))")
      return DataFiles(
        layout, in: snapshot.folder, choice: choice, at: dataset.description, namesFolder: false
      ).confined(to: snapshot.folder)
    } catch let error as HubError {
      guard error.isAboutNothingThere else { throw error }
      throw missing(name, ", and the dataset cannot be had: \(error)")
    }
  }

  /// The error about a path at which there is nothing, with the path that was probably meant.
  private static func missing(_ path: String, _ more: String = "") -> DataError {
    DataError(
      path,
      "there is no such file or folder" + more
        + (NearestPath.data(near: path).map { "; did you mean \($0)?" } ?? ""))
  }

  /// Refuses files of single splits that are not there.
  private static func check(_ choice: SplitChoice, _ files: DataFiles) throws {
    for role in SplitRole.allCases {
      guard let path = choice.files[role], let url = files.roles[role]?.files.first,
        !isThere(url.path)
      else { continue }
      throw missing(path)
    }
  }

  /// The files of a dataset on the hub, `owner/name[@revision][:config]`, in the cache.
  ///
  /// - Throws: `SettingsError` where that is no name; `DataError`, `HubError`, `Interrupted`.
  package static func snapshot(_ text: String) throws -> HubSnapshot {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    var choice = SplitChoice(config: parts.count == 2 ? parts[1] : nil)
    choice.needsTraining = false
    let name: HubName
    do { name = try HubName(parts.first ?? "", kind: .dataset) } catch {
      throw SettingsError("\(error)")
    }
    return try fetched(name, choice, reading: SplitRole.allCases).snapshot
  }

  private static func local(_ path: String, _ choice: SplitChoice) throws -> DataFiles {
    let url = URL(filePath: path)
    let configs = DatasetCard.configs(at: url.appending(path: "README.md"))
    guard !choice.holdsImages else {
      return try DataFiles(imagesAt: url, configs: configs, choice: choice)
    }
    return try DataFiles(at: url, configs: configs, choice: choice)
  }

  private static func fetched(
    _ name: HubName, _ choice: SplitChoice, reading roles: [SplitRole]
  ) throws -> (snapshot: HubSnapshot, choice: DatasetLayout) {
    let place = name.description
    return try Fetching.following(name) { report in
      try await Hub(HubSettings()).dataset(
        of: name,
        choosing: { paths, card in
          let configs = card.map { DatasetCard.configs(at: $0) } ?? []
          var layout = try DatasetLayout(of: paths, configs: configs, choice: choice, at: place)
          if !choice.needsTraining, layout.paths.isEmpty { throw nothingToEvaluate(place) }
          var found = roles.filter { layout.paths[$0] != nil }
          if !choice.readsTraining { found = Array(found.prefix(1)) }
          layout.keep(found)
          if choice.holdsImages,
            let other = layout.paths.values.joined().first(where: {
              DataFormat(of: URL(filePath: $0)) != .parquet
            })
          {
            throw DataError(
              place,
              "images on the hub are read from Parquet files, which hold them, and the rows are in \(other); download the data set and give its folder"
            )
          }
          let known = Set(paths.map { ExactText($0) })
          let named = choice.files.values.filter { known.contains(ExactText($0)) && !isThere($0) }
          return DatasetFiles(found.flatMap { layout.paths[$0] ?? [] } + named, layout)
        }, reporting: report)
    }
  }

  /// Whether a text can only be a path: it begins or ends as one, or has too many parts for a name.
  private static func isPath(_ text: String) -> Bool {
    text.isEmpty || [".", "/", "~"].contains { text.hasPrefix($0) }
      || text.utf8.prefix { $0 != UInt8(ascii: "@") }.count { $0 == UInt8(ascii: "/") } > 1
      || DataFormat.looksLikeData(text)
  }

  private static func isThere(_ text: String) -> Bool {
    FileManager.default.fileExists(atPath: URL(filePath: text).path)
  }
}
