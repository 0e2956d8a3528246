import Foundation
import Yams

/// A conversion under way: what is left of the other file, and what is written of ours.
struct Conversion {
  /// The keys of the tool whose file it is.
  let known: KnownKeys
  /// The model's folder that the user gave.
  let model: String?
  var file: ForeignFile
  var run = RunDraft()
  /// The epochs that another number of the file refers to, where steps end the run.
  var epochs = 1.0
  /// The model's folder, if it is on this machine.
  var folder: URL?

  init(_ file: ForeignFile, of known: KnownKeys, model: String?) {
    self.file = file
    self.known = known
    self.model = model
  }

  /// A key that is copied under another name.
  struct Copied {
    enum Kind { case number, integer, text, flag, list, table }

    let theirs: String
    let ours: String
    let kind: Kind
    /// What their tool takes where the key is missing, and ours does not.
    var fallback: RunValue?
  }

  /// Copies keys that mean the same.
  mutating func copy(_ keys: [Copied]) {
    for key in keys {
      if let value = take(key) {
        run.set(key.ours, value)
      } else if let fallback = key.fallback {
        run.set(key.ours, fallback, remark: "\(known.tool)'s default")
      }
    }
  }

  private mutating func take(_ key: Copied) -> RunValue? {
    switch key.kind {
    case .number: file.number(key.theirs).map { .number($0) }
    case .integer: file.integer(key.theirs).map { .integer($0) }
    case .text: file.text(key.theirs).map { .text($0) }
    case .flag: file.flag(key.theirs).flatMap { $0 ? .flag(true) : nil }
    case .list: file.list(key.theirs).flatMap { $0.isEmpty ? nil : .list($0) }
    case .table: file.table(key.theirs).flatMap { $0.isEmpty ? nil : .table($0) }
    }
  }

  /// Sorts what was not read by the table of known keys.
  mutating func close() { close(file) }

  /// The same for a part of the file.
  mutating func close(_ part: ForeignFile) {
    for (key, says) in part.misread { run.note(.unsupported, key, says) }
    for (name, value) in part.rest(isGroup: { known.isGroup(part.scope + $0) }) {
      let key = part.label + name
      switch known.rule(of: part.scope + name) {
      case nil where known.isGroup(part.scope + name):
        run.note(.unsupported, key, "expected a mapping, as in \(known.tool)")
      case nil: run.note(.unknown, key, "is not a key of \(known.tool) that lowrank knows")
      case .read?: run.note(.unsupported, key, "has no effect beside the other keys")
      case .inert(let why)?: run.note(.inert, key, why)
      case .lost(let why, let harmless)?:
        let texts =
          value.scalar.map { [$0.string] } ?? value.sequence?.map { $0.string ?? "" } ?? []
        let isHarmless = !texts.isEmpty && texts.allSatisfy { harmless.contains($0.lowercased()) }
        if !isHarmless, !ForeignFile.isOff(value) { run.note(.unsupported, key, why) }
      }
    }
  }
}
