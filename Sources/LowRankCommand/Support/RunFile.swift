import ArgumentParser
import Foundation
import LowRank
import LowRankCheckpoints
import LowRankConfigurations
import LowRankConsole
import LowRankKeys
import LowRankSessions
import Yams

/// The settings of a run in a YAML file, `-c FILE`, under which the flags of the command line come.
struct RunFile: Sendable {
  private let path: String
  /// What the file says, by key.
  private let json: JSONObject
  /// The settings that flags give, which win over those of the file.
  private let given: Set<RunKey>
  /// The arguments without the file, and with those flags of it that are no settings of a run, such as `--json`.
  let arguments: [String]

  /// The file that the arguments of the program name, while its verb runs.
  @TaskLocal static var current: RunFile?

  /// Reads the file that arguments name; nil where they name none.
  ///
  /// - Throws: `UsageError` where the arguments name several, and where the file has a key that is none, or a value of
  ///   another kind; `FileError`.
  init?(in arguments: [String]) throws {
    guard let verb = arguments.first, verb == "train" else { return nil }
    var (rest, paths) = ([String](), [String]())
    var words = arguments.dropFirst()
    while let word = words.popFirst() {
      if word == "-c" || word == "--config" {
        guard let path = words.popFirst() else { throw UsageError("\(word) needs a YAML file") }
        paths.append(path)
      } else if let prefix = ["--config=", "-c=", "-c"].first(where: word.hasPrefix) {
        paths.append(String(word.dropFirst(prefix.count)))
      } else {
        rest.append(word)
      }
    }
    guard let path = paths.first else { return nil }
    guard paths.count == 1 else {
      throw UsageError("-c is given \(paths.count) times; put the flags into one YAML file")
    }
    self.path = path
    let names = Set(rest.map { String($0.prefix { $0 != "=" }) })
    given = Set(RunKey.allCases.filter { names.contains($0.flag) })
    var (json, others) = (JSONObject(), [String]())
    for (name, value) in try Self.values(in: path) {
      if let key = RunKey(rawValue: name) {
        let value = try value.json(for: key)
        if value != .null { json[name] = value }
      } else if !names.contains(Self.flag(of: name)) {
        others += try value.arguments(for: Self.flag(of: name))
      }
    }
    self.json = json
    self.arguments = [verb] + others + rest
  }

  /// The settings of the file, with those that flags give in their place.
  ///
  /// - Throws: `SettingsError` where a setting does not take the file's value.
  func settings(under flags: RunSettings) throws -> RunSettings {
    var json = json
    // Steps and epochs say the same thing: one on the command line wins over the other in the file.
    if !given.isDisjoint(with: [.iters, .epochs]) {
      for key in [RunKey.iters, .epochs] { json[key.rawValue] = nil }
    }
    for key in given { json[key.rawValue] = nil }
    var settings: RunSettings
    do {
      settings = try Setting.$spelling.withValue(.keys) { try RunSettings(json: json) }
    } catch let error as SettingsError {
      throw SettingsError("\(path): \(Setting.keyed(error))")
    }
    settings.take(given, from: flags)
    return settings
  }

  private static func flag(of name: String) -> String { "--" + name.replacing("_", with: "-") }

  /// Whether these are the keys of a run's file: all are, and at least one is of no other tool.
  static func holds(_ keys: [String]) -> Bool {
    let known = names
    return keys.allSatisfy { known.contains(flag(of: $0)) }
      && keys.contains { key in
        !ForeignTool.allCases.contains { $0.knows(key) }
      }
  }

  /// The values of the file by their names, with underscores between words.
  private static func values(in path: String) throws -> [(name: String, value: RunFileValue)] {
    let known = names
    var seen: Set<String> = []
    return try YAMLFile.pairs(of: path).map { key, value in
      let name = key.scalar?.string ?? ""
      let flag = flag(of: name)
      guard known.contains(flag) else {
        if !flagsOfNoFile.contains(flag),
          let tool = ForeignTool.allCases.first(where: { $0.knows(name) })
        {
          throw UsageError(
            "\(path): \"\(name)\" is a key of \(tool.name), not of lowrank train; lowrank convert config \(path) --output run.yaml writes a file that train reads"
          )
        }
        throw UsageError("\(path): unknown key \"\(name)\"" + hint(for: name, flag, known))
      }
      guard seen.insert(flag).inserted else {
        throw UsageError("\(path): the key \"\(name)\" occurs twice; keep one of them")
      }
      return (name.replacing("-", with: "_"), RunFileValue(value, of: name, in: path))
    }
  }

  /// The key that an unknown one may stand for: that of an alias, or one with a similar name.
  private static func hint(for name: String, _ flag: String, _ known: Set<String>) -> String {
    func key(_ flag: String) -> String { String(flag.dropFirst(2)).replacing("-", with: "_") }
    let alias = FlagAliases.names(for: flag).first(where: known.contains)
    return alias.map { "; did you mean \"\(key($0))\"?" }
      ?? suggestion(for: name, among: known.map(key).sorted())
  }

  /// The flags of `train` but for those that no file has use for.
  private static let names: Set<String> = Set(
    RunSettings.kinds.keys.filter { $0 != .config && $0 != .tokenizer }.map(\.flag)
  ).union(["--adapter", "--json", "--quiet", "--color"])

  private static let flagsOfNoFile: Set = ["--help", "--version", "--config"]
}
