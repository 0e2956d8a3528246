import LowRankCheckpoints

/// Which files of a data set are read for what, by their paths in it.
public struct DatasetLayout: Hashable, Sendable {
  /// The files of each role, in order; roles without files are missing.
  public private(set) var paths: [SplitRole: [String]] = [:]
  /// The names of the splits that no role reads.
  public private(set) var unusedSplits: [String] = []
  /// The paths of files that look like data and are not read.
  public private(set) var unusedFiles: [String] = []
  /// Remarks on files that are read although their names do not say what for.
  public private(set) var remarks: [String] = []

  /// Leaves out the files of other roles.
  public mutating func keep(_ roles: [SplitRole]) {
    paths = paths.filter { roles.contains($0.key) }
  }

  /// Creates a layout without files.
  init() {}

  /// Finds the files in the paths of a data set.
  ///
  /// The configurations of the card decide if there are any; otherwise the names of the files do.
  /// - Parameters:
  ///   - paths: all files, relative to the data set.
  ///   - configs: the configurations that the card declares.
  ///   - choice: what the user chooses.
  ///   - place: the name of the data set, for messages.
  /// - Throws: `DataError` if there is nothing to train on, or if files, splits or configurations are ambiguous.
  public init(
    of paths: [String], configs: [DatasetConfig] = [], choice: SplitChoice = SplitChoice(),
    at place: String
  ) throws(DataError) {
    var search = LayoutSearch(paths: paths, choice: choice, place: place)
    let folder = try search.folder(configs)
    if let folder, configs.isEmpty, choice.config == nil, !folder.path.isEmpty {
      remarks.append("the rows are those of the folder \(folder.path)")
    }
    for role in SplitRole.allCases
    where choice.files[role] == nil && (role != .train || choice.readsTraining) {
      guard let group = try search.group(for: role) else { continue }
      self.paths[role] = group.paths
      if group.clarity == .partial {
        let names = group.paths.count == 1 ? group.paths[0] : "\(group.paths.count) files"
        remarks.append(
          "\(names) \(group.paths.count == 1 ? "is" : "are") read as the rows \(role.purpose)")
      }
    }
    if self.paths[.train] == nil, choice.files[.train] == nil, choice.needsTraining {
      throw search.nothingToTrain(others: folder?.others ?? [])
    }
    let read = Set(self.paths.values.joined().map { ExactText($0) })
    let rest = search.groups.filter { !$0.paths.contains { read.contains(ExactText($0)) } }
    let replaced = Set(choice.files.keys)
    let unused = rest.filter { group in group.role.map { !replaced.contains($0) } ?? true }
    if search.isDeclared {
      unusedSplits = unused.map(\.name)
    } else {
      unusedFiles = (unused.flatMap(\.paths) + (folder?.others ?? []))
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
  }
}

extension DatasetLayout {
  /// Some names, and how many others there are.
  static func listed(_ names: [String], most: Int = 5) -> String {
    names.prefix(most).joined(separator: ", ")
      + (names.count > most ? " and \(names.count - most) more" : "")
  }
}
