import Foundation
import LowRank
import LowRankSessions

/// The rows of an experiment: those of the plan as they are, or parts of them in a folder of the experiment.
///
/// Parts are made where rows are limited or held out, once, so that every run sees the same ones whatever its seed is.
struct PreparedData {
  private let plan: ExperimentPlan
  private let folder: URL

  /// - Parameter folder: where parts are written.
  init(_ plan: ExperimentPlan, in folder: URL) { (self.plan, self.folder) = (plan, folder) }

  private var makesParts: Bool {
    if case .share = plan.heldOut { return true }
    // A session divides by its seed, which is varied here.
    if plan.base[RunKey.validShare.rawValue] != nil { return true }
    return plan.rows.train != nil || plan.rows.valid != nil || plan.rows.test != nil
  }

  /// Has settings read the experiment's rows.
  ///
  /// - Throws: `DataError` where there are too few rows to divide, `FileError`.
  func fill(_ settings: inout RunSettings) throws {
    guard makesParts else { return }
    guard try settings.parsedTask != .imageClassification else {
      throw SettingsError(
        "rows, and held_out as a share, make files of rows: keep images in folders train, valid and test instead"
      )
    }
    let place = try parts(of: settings)
    settings.data.data = place.path
    settings.splits = SplitSettings()
  }

  /// The held-out rows of settings; nil where there are none.
  ///
  /// - Throws: `DataError` where the plan names rows that are not there.
  func test(of settings: RunSettings) throws -> DataSplit? {
    try naming { try findTest(of: settings) }
  }

  private func findTest(of settings: RunSettings) throws -> DataSplit? {
    switch plan.heldOut {
    case .file(let path):
      guard FileManager.default.fileExists(atPath: path) else {
        throw DataError(path, "there is no such file, which held_out names")
      }
      return DataSplit(URL(filePath: path))
    case .test, .share, nil:
      let files = try LocatedData.files(
        settings.data.data, settings.splits, reading: SplitRole.allCases, announces: false,
        ofImages: settings.parsedTask == .imageClassification)
      guard files.test != nil || plan.heldOut == nil else {
        throw DataError(
          settings.data.data ?? "", "holds no test split, which held_out names")
      }
      return files.test
    }
  }

  /// Does work whose errors name the data of the plan, not the folder of their parts.
  ///
  /// - Throws: what the work throws.
  func naming<Result>(_ work: () throws -> Result) throws -> Result {
    do { return try work() } catch let error as SettingsError {
      throw SettingsError(error.text.changingWords(named))
    } catch let error as DataError {
      throw DataError(named(error.place), named(error.problem))
    }
  }

  /// A text with the plan's names of data in the place of the folders of their parts.
  func named(_ text: String) -> String {
    let keys = [RunKey.data, .trainFile]
    let values =
      keys.compactMap { plan.base[$0.rawValue] }
      + plan.axes.filter { keys.contains($0.key) }.flatMap(\.values)
    // Of two folders, the name of one may begin with that of the other.
    let names = values.compactMap(\.string).sorted { $0.utf8.count > $1.utf8.count }
    return names.reduce(text) { text, name in
      let folder = place(of: name).path
      return SplitRole.allCases.reduce(text) { text, role in
        text.replacing("\(folder)/\(role.rawValue).jsonl", with: "\(name) (\(role.rawValue))")
      }.replacing(folder, with: name)
    }
  }

  private func place(of name: String) -> URL {
    folder.appending(path: "data/\(FileName.slug(name))")
  }

  /// The folder with the parts of the data that settings name, which is made where it is missing.
  private func parts(of settings: RunSettings) throws -> URL {
    let name = settings.data.data ?? settings.splits.trainFile ?? "data"
    let place = place(of: name)
    guard !FileManager.default.fileExists(atPath: place.path) else { return place }
    let files = try LocatedData.files(
      settings.data.data, settings.splits, reading: SplitRole.allCases, announces: false)
    func rows(_ split: DataSplit?) throws -> [DataRow]? {
      try split.map { try DataTable(of: $0, isHeader: settings.data.columns.isHeader).rows }
    }
    var train = try rows(files.train) ?? []
    var (valid, test) = (try rows(files.valid), try rows(files.test))
    let seed = settings.model.seedBits
    if case .share(let share) = plan.heldOut {
      test = try Self.take(share, from: &train, seed: seed &+ 1, "held_out", files.train.name)
    }
    if valid == nil, let share = settings.splits.validShare, share > 0 {
      valid = try Self.take(share, from: &train, seed: seed, "valid_share", files.train.name)
    }
    try publishFolder(at: place) { folder in
      for (name, rows, most) in [
        ("train", train, plan.rows.train), ("valid", valid, plan.rows.valid),
        ("test", test, plan.rows.test),
      ] {
        guard let rows else { continue }
        let lines = Self.some(most, of: rows, seed: seed, name).map {
          JSONValue.object($0.fields).bytes() + [UInt8(ascii: "\n")]
        }
        let output = try OutputFile(at: folder.appending(path: "\(name).jsonl"))
        try output.write(Array(lines.joined()))
        try output.close()
      }
    }
    return place
  }

  /// So many rows, chosen by a seed, in the order of the file: many files are sorted, so that the first rows are of one kind.
  private static func some(
    _ most: Int?, of rows: [DataRow], seed: UInt64, _ name: String
  ) -> [DataRow] {
    guard let most, most < rows.count else { return rows }
    var random = Philox(key: RandomKey(seed: seed, step: 0).key(for: "rows of \(name)"))
    return random.shuffled(0..<rows.count).prefix(most).sorted().map { rows[$0] }
  }

  /// Takes a share of rows, chosen by a seed.
  private static func take(
    _ share: Double, from rows: inout [DataRow], seed: UInt64, _ key: String, _ place: String
  ) throws -> [DataRow] {
    let count = Int((share * Double(rows.count)).rounded())
    // Of two rows each, no interval can be said.
    guard count > 1, rows.count - count > 1 else {
      throw DataError(
        place,
        "\(rows.count) rows are too few to split: \(key) \(share) would take \(count) of them, and 2 or more are needed on either side"
      )
    }
    var random = Philox(key: RandomKey(seed: seed, step: 0).key(for: "rows held out"))
    let chosen = Set(random.shuffled(0..<rows.count).prefix(count))
    let taken = rows.indices.filter { chosen.contains($0) }.map { rows[$0] }
    rows = rows.indices.filter { !chosen.contains($0) }.map { rows[$0] }
    return taken
  }
}
