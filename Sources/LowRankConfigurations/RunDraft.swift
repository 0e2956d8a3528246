import Foundation
import LowRank
import LowRankSessions

/// A run's file made of another tool's, with what became of every key of that.
package struct RunDraft {
  /// What became of a key of the other file.
  package enum Fate: String, CaseIterable {
    /// It is written, but means something slightly different here.
    case changed
    /// It is not supported here, though the result depends on it.
    case unsupported
    /// It is not needed here, because the result does not depend on it.
    case inert
    /// It is not a key that is known.
    case unknown
  }

  /// A key of the other file and what is to be said of it.
  package struct Finding {
    package let fate: Fate
    package let key: String
    package let says: String

    /// The sentence on one line, with nothing in it that could steer a terminal or end a comment.
    package var line: String { "\(key): \(says)".printable }
  }

  private struct Entry {
    let key: String
    let value: RunValue
    let remark: String?
  }

  private var entries: [Entry] = []
  private(set) var findings: [Finding] = []
  /// Files and folders that are named and are not on this machine: findings of the fate `changed`, without which the run
  /// cannot begin.
  package private(set) var missing: [Finding] = []

  /// The keys that are written.
  package var keys: [String] { entries.map(\.key) }

  /// The text of a key that is written; nil for one that is not, and for lists.
  func text(of key: String) -> String? {
    switch entries.last(where: { $0.key == key })?.value {
    case .text(let text)?, .number(let text)?: text
    case .flag(let flag)?: String(flag)
    default: nil
    }
  }

  /// The value of a key that is written.
  func value(of key: String) -> RunValue? { entries.last { $0.key == key }?.value }

  /// Writes a key, with a remark for whoever reads the file.
  mutating func set(_ key: String, _ value: RunValue, remark: String? = nil) {
    entries.append(Entry(key: key, value: value, remark: remark))
  }

  /// Says what became of a key of the other file.
  mutating func note(_ fate: Fate, _ key: String, _ says: String) {
    findings.append(Finding(fate: fate, key: key, says: says))
  }

  /// Says that something the run needs is not on this machine.
  mutating func noteMissing(_ key: String, _ says: String) {
    note(.changed, key, says)
    missing.append(Finding(fate: .changed, key: key, says: says))
  }

  /// Whether a finding is about something that is not on this machine, which is said apart.
  package func isMissing(_ finding: Finding) -> Bool {
    missing.contains { $0.line == finding.line }
  }

  /// What has a fate, in the order it was found.
  package func findings(_ fate: Fate) -> [Finding] { findings.filter { $0.fate == fate } }

  /// Whether the run learns what the other would have, as far as is known.
  package var isFaithful: Bool { findings(.unsupported).isEmpty && findings(.unknown).isEmpty }

  /// What the run does not have of the other, by key.
  package var lossSentence: String {
    let names = (findings(.unsupported) + findings(.unknown)).map(\.key)
    return "this run differs from the original in: \(names.joined(separator: ", "))".printable
  }

  /// The file.
  ///
  /// - Parameter origin: what it is made of.
  package func yaml(of origin: String) -> String {
    var lines = isFaithful ? [] : ["# \(lossSentence); see the end of this file."]
    lines.append("# Made of \(origin.printable) by lowrank convert config.")
    lines.append("# lowrank train -c THIS_FILE; every key: lowrank train --help")
    lines.append("")
    for entry in entries {
      let remark = entry.remark.map { "  # \($0.printable)" } ?? ""
      lines.append("\(entry.key): \(entry.value.yaml)\(remark)")
    }
    let chapters: [(Fate, String)] = [
      (.unsupported, "Not supported, though the result depends on it:"),
      (.unknown, "Unknown keys:"),
      (.changed, "Different here:"),
      (.inert, "Not needed, because the result does not depend on it:"),
    ]
    func add(_ title: String, _ findings: [Finding]) {
      guard !findings.isEmpty else { return }
      lines += ["", "# \(title)"] + findings.map { "#   \($0.line)" }
    }
    add("Not on this machine; lowrank train stops without it:", missing)
    for (fate, title) in chapters { add(title, findings(fate).filter { !isMissing($0) }) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The settings of the run.
  ///
  /// - Throws: `SettingsError` where the other file has a value that makes no sense here.
  package var settings: RunSettings {
    get throws {
      var json: JSONObject = [:]
      for entry in entries { json[entry.key] = try entry.value.json }
      return try RunSettings(json: json)
    }
  }

  /// What became of the other file's keys, by fate.
  package var json: JSONObject {
    var json: JSONObject = ["keys": .array(keys.map { .string($0) })]
    for fate in Fate.allCases {
      json[fate.rawValue] = .array(
        findings(fate).map { ["key": .string($0.key), "says": .string($0.says)] })
    }
    json["missing"] = .array(missing.map { .string($0.key) })
    return json
  }
}
