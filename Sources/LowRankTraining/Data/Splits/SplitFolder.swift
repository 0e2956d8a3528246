/// The splits in a folder, found by the names of its files.
///
/// The names are those that the library `datasets` knows: `train.jsonl`, `train-00000-of-00002.jsonl`, numbered files,
/// and folders called after a split, each in the folder itself or in its folder `data`.
struct SplitFolder {
  /// The path of the folder in the data set; empty for the data set itself.
  let path: String
  /// The files by the splits that their names say.
  private(set) var groups: [SplitGroup] = []
  /// The files in the folder that look like data and are in no group, because they have another format.
  private(set) var others: [String] = []

  /// Sorts the files below a folder into splits.
  init(_ path: String, of paths: [String]) {
    self.path = path
    var found: [Key: SplitGroup] = [:]
    var order: [Key] = []
    for file in paths.sorted(by: isEarlier) {
      guard let (parts, folder) = Self.parts(of: file, in: path) else { continue }
      let isDirect = parts.count == 1
      guard let ending = DataFormat.ending(of: file) else {
        if isDirect, DataFormat.looksLikeData(file) { others.append(file) }
        continue
      }
      let group: SplitGroup
      if !isDirect {
        guard SplitRole.role(of: parts[0]) != nil else { continue }
        group = SplitGroup(split: parts[0])
      } else {
        guard !DataFormat.isDescription(parts[0]) else { continue }
        let stem = String(parts[0].dropLast(ending.count + 1))
        group =
          stem.wholeMatch(of: /(.+)-\d{5}-of-\d{5}.*/).map { SplitGroup(split: String($0.1)) }
          ?? SplitGroup(stem: stem)
      }
      let key = Key(folder: folder + (isDirect ? "" : "/"), ending: ending, group: group)
      if found[key] == nil { order.append(key) }
      found[key, default: group].paths.append(file)
    }
    groups = order.compactMap { found[$0] }
  }

  private struct Key: Hashable {
    let folder: String
    let ending: String
    let group: SplitGroup
  }

  /// The parts of a path behind the folder, and behind its folder `data`; nil for hidden files and files elsewhere.
  private static func parts(of file: String, in folder: String) -> ([String], folder: String)? {
    guard folder.isEmpty || file.hasPrefix(folder + "/") else { return nil }
    let rest = folder.isEmpty ? file[...] : file.dropFirst(folder.count + 1)
    var parts = rest.split(separator: "/").map(String.init)
    guard !parts.contains(where: { $0.hasPrefix(".") }) else { return nil }
    let isInData = parts.count > 1 && parts[0] == "data"
    if isInData { parts.removeFirst() }
    return (parts, isInData ? "data" : "")
  }

  /// The folders in a data set, or in its folder `data`, that hold splits of their own: its configurations.
  static func configs(in paths: [String]) -> [SplitFolder] {
    var folders: [String] = []
    for file in paths.sorted(by: isEarlier) {
      let parts = file.split(separator: "/").map(String.init)
      let depth = parts.count > 2 && parts[0] == "data" ? 2 : 1
      guard parts.count > depth, SplitRole.role(of: parts[depth - 1]) == nil else { continue }
      let folder = parts[..<depth].joined(separator: "/")
      if folder != "data", !folders.contains(folder) { folders.append(folder) }
    }
    return folders.map { SplitFolder($0, of: paths) }.filter { folder in
      folder.groups.contains { $0.isNamed || $0.role != nil }
    }
  }

  /// The name of the configuration that the folder is.
  var name: String { path.split(separator: "/").last.map(String.init) ?? "" }
}
