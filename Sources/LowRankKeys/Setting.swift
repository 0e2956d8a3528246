/// A setting that a sentence names, which each program spells in its own way: a key in JSON and YAML, a flag on a command
/// line.
///
/// Write `"\(setting: "rank") is 0, expected at least 1"`. A library says `rank`; a program that takes flags says how they
/// are spelled around its work, and the same sentence says `--rank`:
///
///     Setting.$spelling.withValue(Setting.Spelling { "--" + $0 }) { train() }
///
/// The spelling is a task-local value, so that an error of any type has it, however deep it was thrown.
package struct Setting: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The key of JSON and YAML, with underscores between words.
  package let key: String

  package init(_ key: String) { self.key = key }

  package init(stringLiteral key: String) { self.key = key }

  /// The setting as the program around the work in progress spells it.
  package var description: String { Self.spelling.text(key) }

  /// How a program spells settings.
  ///
  /// A type of its own, since an optimised program of Swift 6.3 crashes where a task-local value is a function.
  package struct Spelling: Sendable {
    /// What stands for a key.
    package let text: @Sendable (_ key: String) -> String

    package init(_ text: @escaping @Sendable (_ key: String) -> String) { self.text = text }

    /// By their keys.
    package static let keys = Spelling { $0 }

    /// As flags of a command line.
    package static let flags = Spelling { Setting.flag($0) }
  }

  /// How settings are spelled in the work in progress: as keys, unless a program says otherwise.
  @TaskLocal package static var spelling = Spelling.keys

  /// The flag of a key.
  package static func flag(_ key: String) -> String { "--" + key.replacing("_", with: "-") }

  /// What an error says with settings as keys, for files and for those who gave keys.
  package static func keyed(_ error: any Error) -> String {
    $spelling.withValue(.keys) { "\(error)" }
  }
}

extension DefaultStringInterpolation {
  /// Names a setting.
  package mutating func appendInterpolation(setting: Setting) {
    appendInterpolation(setting.description)
  }
}
