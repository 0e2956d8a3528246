import ArgumentParser
import Foundation
import LowRank
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

  private static func flags(of path: String) throws -> [(name: String, arguments: [String])] {
    let known = names(of: Train.helpMessage())
    var seen: Set<String> = []
    return try keys(of: path).map { key, value in
      let name = key.scalar?.string ?? ""
      let flag = "--" + name.replacing("_", with: "-")
      guard known.contains(flag) else {
        let nearest = nearestName(
          to: name, among: known.map { String($0.dropFirst(2)).replacing("-", with: "_") })
        throw UsageError(
          "\(path): unknown key \"\(name)\""
            + (nearest.map { "; did you mean \"\($0)\"?" } ?? ""))
      }
      guard seen.insert(flag).inserted else {
        throw UsageError("\(path): the key \"\(name)\" occurs twice; keep one of them")
      }
      return (flag, try RunFileValue(value, of: name, in: path).arguments(for: flag))
    }
  }

  /// The pairs that the file holds.
  private static func keys(of path: String) throws -> [(key: Node, value: Node)] {
    let text: String
    do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
      throw FileError("read", path, reason: "no readable UTF-8 file is there")
    }
    let root: Node?
    do { root = try Yams.compose(yaml: text) } catch {
      throw UsageError("\(path)" + problem(error))
    }
    guard let root else { return [] }
    guard let mapping = root.mapping else {
      throw UsageError("\(path): expected flags as `key: value`")
    }
    return mapping.map { ($0.key, $0.value) }
  }

  /// What is wrong with a text that is no YAML, without the text itself.
  private static func problem(_ error: any Error) -> String {
    switch error as? YamlError {
    case .duplicatedKeysInMapping(let keys, _):
      let names = keys.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
      return ": the key \(names) occurs twice; keep one of them"
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return ", line \(mark.line): not YAML: \(problem)"
    case .reader(let problem, _, _, _): return ": not YAML: \(problem)"
    default: return ": not YAML: \(error)".replacing("\n", with: " ")
    }
  }

  /// The long flags that a help text shows, but for those that no file has use for.
  private static func names(of help: String) -> Set<String> {
    Set(help.matches(of: /--[a-z][a-z-]+/).map { String($0.output) })
      .subtracting(["--help", "--version", "--config"])
  }
}
