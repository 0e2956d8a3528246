import ArgumentParser
import Foundation
import LowRank
import Yams

/// A run's flags as a YAML file: their names in underscores, merged under the flags of the command line.
///
/// Scalars keep the text they were written with, so `1e-5` is a number and `no` is a word where a word is meant.
enum RunFile {
  /// The arguments with the content of `-c FILE` put before those given.
  static func expanding(_ arguments: [String]) throws -> [String] {
    guard arguments.first == "train",
      let index = arguments.firstIndex(where: { $0 == "-c" || $0 == "--config" })
    else { return arguments }
    guard index + 1 < arguments.count else {
      throw UsageError("\(arguments[index]) needs a YAML file")
    }
    let path = arguments[index + 1]
    var given = arguments
    given.removeSubrange(index...index + 1)
    let fromFile = try flags(of: path, known: names(of: Train.helpMessage()))
    let kept = fromFile.filter { flag in
      !given.contains { $0 == flag.name || $0.hasPrefix(flag.name + "=") }
    }
    return [given[0]] + kept.flatMap { [$0.name] + ($0.value.map { [$0] } ?? []) }
      + given.dropFirst()
  }

  private typealias Flag = (name: String, value: String?)

  private static func flags(of path: String, known: Set<String>) throws -> [Flag] {
    let text: String
    do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
      throw FileError("read", path, reason: "no readable UTF-8 file is there")
    }
    let root: Node?
    do { root = try Yams.compose(yaml: text) } catch {
      throw DataError(path, "not YAML: \(error)".replacing("\n", with: " "))
    }
    guard let root else { return [] }
    guard let mapping = root.mapping else {
      throw DataError(path, "expected flags as `key: value`")
    }
    var seen: Set<String> = []
    return try mapping.compactMap { key, value in
      let name = key.scalar?.string ?? ""
      let flag = "--" + name.replacing("_", with: "-")
      guard known.contains(flag), flag != "--config" else {
        let nearest = nearestName(
          to: name, among: known.map { String($0.dropFirst(2)).replacing("-", with: "_") })
        throw DataError(
          path, "unknown key \"\(name)\"" + (nearest.map { "; did you mean \"\($0)\"?" } ?? ""))
      }
      guard seen.insert(name).inserted else {
        throw DataError(path, "the key \"\(name)\" occurs twice")
      }
      return try self.flag(flag, value, in: path)
    }
  }

  /// A flag's value as the command line would have it; nil for null and for a switch that is off.
  private static func flag(_ name: String, _ value: Node, in path: String) throws -> Flag? {
    switch value {
    case .scalar(let scalar):
      if value.null != nil, scalar.style == .plain { return nil }
      if scalar.style == .plain, let isOn = value.bool { return isOn ? (name, nil) : nil }
      return (name, scalar.string)
    case .sequence(let items):
      return (name, items.compactMap { $0.scalar?.string }.joined(separator: ","))
    case .mapping(let pairs):
      let entries = pairs.compactMap { key, value in
        key.scalar.flatMap { key in value.scalar.map { "\(key.string)=\($0.string)" } }
      }
      return (name, entries.joined(separator: ","))
    case .alias:
      throw DataError(path, "aliases are not supported")
    }
  }

  /// The long flags that a help text shows.
  private static func names(of help: String) -> Set<String> {
    Set(help.matches(of: /--[a-z][a-z-]+/).map { String($0.output) })
  }
}
