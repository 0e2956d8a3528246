import Foundation
import LowRank
import Testing

/// `Examples/train.yaml` documents every key that a run's file may have.
@Suite struct `The documented run's file` {
  private static let url = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Examples/train.yaml").standardizedFileURL

  /// A key with the comment above it; `isSet` where it is not behind a #.
  private struct Key {
    let name: String
    let value: String
    let isSet: Bool
    let says: String
  }

  private func keys() throws -> [Key] {
    let lines = try String(contentsOf: Self.url, encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    return lines.indices.compactMap { index in
      guard let match = lines[index].wholeMatch(of: /(#?)([a-z_]+): (.*)/) else { return nil }
      return Key(
        name: String(match.2), value: String(match.3), isSet: match.1.isEmpty,
        says: index > 0 ? lines[index - 1] : "")
    }
  }

  /// What the help says after each flag of `train`, on one line.
  private func flags() throws -> [String: String] {
    let help = try Lowrank("train", "--help").output
    let options = try #require(help.range(of: "MODEL:")).lowerBound
    var flags: [String: String] = [:]
    for part in help[options...].split(separator: /\n {2}(?:-c, )?--/) {
      guard let name = part.prefixMatch(of: /[a-z-]+/) else { continue }
      flags[String(name.output).replacing("-", with: "_")] =
        part.dropFirst(name.output.count).split(whereSeparator: \.isWhitespace)
        .joined(separator: " ")
    }
    // Neither is of use in a file; to train an adapter further is what init_adapter is for.
    for name in ["config", "adapter", "help", "version"] { flags[name] = nil }
    return flags
  }

  /// The `(default: …)` or `(required)` of a text.
  private func holdsUnlessGiven(_ text: String) -> String? {
    text.matches(of: /\((?:default: [^)]*|required)\)/).last.map { String($0.output) }
  }

  @Test func `has every flag of train once, and no other key`() throws {
    let (flags, keys) = (try flags(), try keys())
    #expect(flags.count > 40)
    #expect(keys.map(\.name).sorted() == flags.keys.sorted())
  }

  @Test func `explains every key, with the default that holds`() throws {
    let flags = try flags()
    for key in try keys() {
      let help = try #require(flags[key.name], "\(key.name)")
      let isToggle = !help.hasPrefix("<")
      #expect(key.says.hasPrefix("# ") && key.says.count > 20, "\(key.name)")
      var expected = isToggle ? "(default: false)" : holdsUnlessGiven(help)
      // Required of some verbs, and of this one.
      if key.name == "data" { expected = "(required)" }
      #expect(holdsUnlessGiven(key.says) == expected, "\(key.name): \(help)")
    }
  }

  @Test func `sets a key with a plain default to it`() throws {
    for key in try keys() where key.isSet {
      let holds = try #require(holdsUnlessGiven(key.says), "\(key.name)")
      if holds == "(required)" { continue }
      let value = holds.dropFirst("(default: ".count).dropLast()
      // As in "1000, unless --epochs is given".
      #expect(value == key.value || value.hasPrefix(key.value + ", "), "\(key.name)")
    }
  }

  @Test func `is one that train takes`() throws {
    let answer = try Lowrank("train", "-c", Self.url.path)
    #expect(answer.status == 1, "\(answer.errors)")
    #expect(answer.errors.contains("models/smollm does not exist"), "\(answer.errors)")
    // So it is with each key that is off, where it can stand alone.
    let needy = [
      "lr_power", "lr_timescale", "patience", "allow", "statistics_memory", "beta", "loss_type",
      "simpo_gamma", "desirable_weight", "undesirable_weight",
    ]
    for key in try keys() where !key.isSet && !needy.contains(key.name) {
      let file = FileManager.default.temporaryDirectory.appending(path: "key-\(UUID()).yaml")
      defer { try? FileManager.default.removeItem(at: file) }
      try "model: nomodel\nadapter_path: nofolder\n\(key.name): \(key.value)\n"
        .write(to: file, atomically: true, encoding: .utf8)
      let answer = try Lowrank("train", "-c", file.path)
      #expect(
        answer.status == 1 && answer.errors.contains("does not exist"),
        "\(key.name): \(answer.errors)")
    }
  }
}
