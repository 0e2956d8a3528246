import ArgumentParser
import Foundation
import LowRank
import LowRankCheckpoints
import Yams

/// A run's flags as a YAML file: their names in underscores, merged under the flags of the command line.
enum RunFile {
  /// The arguments with the content of `-c FILE` put before those given.
  static func expanding(_ arguments: [String]) throws -> [String] {
    guard let verb = arguments.first, verb == "train" else { return arguments }
    var (given, paths) = ([String](), [String]())
    var rest = arguments.dropFirst()
    while let argument = rest.popFirst() {
      if argument == "-c" || argument == "--config" {
        guard let path = rest.popFirst() else { throw UsageError("\(argument) needs a YAML file") }
        paths.append(path)
      } else if let prefix = ["--config=", "-c=", "-c"].first(where: argument.hasPrefix) {
        paths.append(String(argument.dropFirst(prefix.count)))
      } else {
        given.append(argument)
      }
    }
    guard let path = paths.first else { return arguments }
    guard paths.count == 1 else {
      throw UsageError("-c is given \(paths.count) times; put the flags into one YAML file")
    }
    func isGiven(_ name: String) -> Bool {
      given.contains { $0 == name || $0.hasPrefix(name + "=") }
    }
    // Steps and epochs say the same thing: one on the command line wins over the other in the file.
    let rivals = ["--iters": "--epochs", "--epochs": "--iters"]
    let fromFile = try flags(of: path).filter { flag in
      !isGiven(flag.name) && !(rivals[flag.name].map(isGiven) ?? false)
    }
    return [verb] + fromFile.flatMap(\.arguments) + given
  }

  /// Whether these are the keys of a run's file: all are, and at least one is of no other tool.
  static func holds(_ keys: [String]) -> Bool {
    let known = names
    return keys.allSatisfy { known.contains("--" + $0.replacing("_", with: "-")) }
      && keys.contains { key in
        ForeignTool.allCases.allSatisfy { $0.rule(of: key) == nil && !$0.isGroup(key) }
      }
  }

  private static func flags(of path: String) throws -> [(name: String, arguments: [String])] {
    let known = names
    var seen: Set<String> = []
    return try YAMLFile.pairs(of: path).map { key, value in
      let name = key.scalar?.string ?? ""
      let flag = "--" + name.replacing("_", with: "-")
      guard known.contains(flag) else {
        if !flagsOfNoFile.contains(flag),
          let tool = ForeignTool.allCases.first(where: {
            $0.rule(of: name) != nil || $0.isGroup(name)
          })
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
      return (flag, try RunFileValue(value, of: name, in: path).arguments(for: flag))
    }
  }

  /// The key that an unknown one may stand for: that of an alias, or one with a similar name.
  private static func hint(for name: String, _ flag: String, _ known: Set<String>) -> String {
    func key(_ flag: String) -> String { String(flag.dropFirst(2)).replacing("-", with: "_") }
    let alias = FlagAliases.names(for: flag).first(where: known.contains)
    return alias.map { "; did you mean \"\(key($0))\"?" }
      ?? suggestion(for: name, among: known.map(key).sorted())
  }

  /// The long flags of `train` but for those that no file has use for.
  private static let names: Set<String> =
    Set(Train.helpMessage().matches(of: /--[a-z][a-z-]+/).map { String($0.output) })
    .subtracting(flagsOfNoFile)

  private static let flagsOfNoFile: Set = ["--help", "--version", "--config"]
}
