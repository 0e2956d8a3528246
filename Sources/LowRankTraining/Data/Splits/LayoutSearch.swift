import LowRankKeys

/// Looks for configurations and splits.
struct LayoutSearch {
  let paths: [String]
  let choice: SplitChoice
  let place: String
  private(set) var groups: [SplitGroup] = []
  /// Whether the card declares the splits.
  private(set) var isDeclared = false

  init(paths: [String], choice: SplitChoice, place: String) {
    (self.paths, self.choice, self.place) = (paths, choice, place)
  }

  /// Finds the groups of the configuration that is meant; returns the folder that they are in.
  mutating func folder(_ configs: [DatasetConfig]) throws(DataError) -> SplitFolder? {
    guard configs.isEmpty else {
      let config = try config(configs)
      guard config.splits.isEmpty else {
        isDeclared = true
        groups = try config.splits.map { split throws(DataError) in try declared(split, config) }
        return nil
      }
      return found(SplitFolder(config.folder, of: paths))
    }
    let root = SplitFolder("", of: paths)
    let folders = SplitFolder.configs(in: paths)
    if let name = choice.config {
      guard let folder = folders.first(where: { $0.name == name }) else {
        throw noConfig(name, among: folders.map(\.name))
      }
      return found(folder)
    }
    guard !folders.isEmpty, !root.groups.contains(where: { $0.role != nil || $0.isNamed }),
      choice.files[.train] == nil
    else { return found(root) }
    guard folders.count == 1 else { throw severalConfigs(folders.map(\.name)) }
    return found(folders[0])
  }

  private mutating func found(_ folder: SplitFolder) -> SplitFolder {
    groups = folder.groups
    return folder
  }

  /// The configuration of the card that is meant.
  private func config(_ configs: [DatasetConfig]) throws(DataError) -> DatasetConfig {
    let names = configs.map(\.name)
    if let name = choice.config {
      guard let config = configs.first(where: { $0.name == name }) else {
        throw noConfig(name, among: names)
      }
      return config
    }
    if configs.count == 1 { return configs[0] }
    let usual = configs.first(where: \.isDefault) ?? configs.first { $0.name == "default" }
    guard let usual else { throw severalConfigs(names) }
    return usual
  }

  /// The files of a split that the card declares.
  private func declared(
    _ split: DatasetConfig.Split, _ config: DatasetConfig
  ) throws(DataError) -> SplitGroup {
    var group = SplitGroup(split: split.name)
    let prefix = config.folder.isEmpty ? "" : config.folder + "/"
    let visible = paths.filter { !$0.hasPrefix(".") && !$0.contains("/.") }
    for pattern in split.patterns {
      let matching = GlobPattern(prefix + pattern)
      for path in visible.filter(matching.matches).sorted(by: isEarlier)
      where !group.paths.contains(path) { group.paths.append(path) }
    }
    // Patterns such as `**` match descriptions too.
    if group.paths.contains(where: { DataFormat.ending(of: $0) != nil }) {
      group.paths.removeAll { !DataFormat.looksLikeData($0) }
    }
    return group
  }

  /// The group that is read for a role; nil if there is none.
  func group(for role: SplitRole) throws(DataError) -> SplitGroup? {
    let chosen: SplitGroup?
    if let name = choice.splits[role] {
      var named = groups.filter { $0.name == name }
      // As in `datasets`, rows without a split are called train.
      if named.isEmpty, SplitRole.role(of: name)?.role == .train, let only = onlyGroup {
        named = [only]
      }
      guard !named.isEmpty else { throw noSplit(name, for: role) }
      chosen = try only(named, for: role)
    } else {
      let taken = Set(choice.splits.values)
      let fitting = groups.filter { $0.role == role && !taken.contains($0.name) }
      let clearest = fitting.map(\.clarity.rawValue).min()
      let best = fitting.filter { $0.clarity.rawValue == clearest }
      chosen =
        best.isEmpty && role == .train && choice.splits.isEmpty
        ? onlyGroup : try only(best, for: role)
    }
    guard let chosen else { return nil }
    try check(chosen)
    return chosen
  }

  /// The only files of the data set if their names say nothing of a split; nil otherwise.
  private var onlyGroup: SplitGroup? {
    groups.count == 1 && !groups[0].isNamed && groups[0].role == nil ? groups[0] : nil
  }

  private func only(
    _ groups: [SplitGroup], for role: SplitRole
  ) throws(DataError) -> SplitGroup? {
    guard groups.count > 1 else { return groups.first }
    let names = groups.map { group in
      group.paths.count == 1
        ? group.paths[0] : "\(group.paths[0]) with \(group.paths.count - 1) more"
    }
    let remedy =
      choice.readsTraining
      ? "keep one of them, or name the one to read with \(setting: Setting("\(role.rawValue)_file"))"
      : "keep one of them, or name the one to read"
    throw DataError(
      place, "\(names.joined(separator: " and ")) serve the same purpose; \(remedy)")
  }

  /// Refuses a split that lacks files, or has files that are not read.
  private func check(_ group: SplitGroup) throws(DataError) {
    guard !group.paths.isEmpty else {
      throw DataError(place, "the split \"\(group.name)\" has no files")
    }
    if let path = group.paths.first(where: { DataFormat.ending(of: $0) == nil }) {
      throw DataError(
        place, "the split \"\(group.name)\" is in \(path), but \(DataFormat.expectation)")
    }
    let numbers = group.paths.compactMap { path in
      path.firstMatch(of: /-(\d{5})-of-(\d{5})/).map { (Int($0.1) ?? 0, Int($0.2) ?? 0) }
    }
    guard let count = numbers.first?.1, numbers.count == group.paths.count else { return }
    let there = Set(numbers.map(\.0))
    guard let missing = (0..<count).first(where: { !there.contains($0) }) else { return }
    throw DataError(
      place,
      "the split \"\(group.name)\" should have \(count) files, but file \(missing) (counted from 0) is missing"
    )
  }
}
