import LowRank
import LowRankKeys

/// A sentence that mentions settings, which each caller spells in its own way: a key in JSON, a flag on a command line.
///
/// Write `"\(.rank) is \(rank), expected at least 1"`.
public struct KeyedText: Sendable, CustomStringConvertible, ExpressibleByStringInterpolation {
  fileprivate enum Part: Sendable {
    case text(String)
    case key(Setting)
  }

  private var parts: [Part]

  /// A sentence of words alone.
  public init(_ text: String) { parts = [.text(text)] }

  public init(stringLiteral text: String) { self.init(text) }

  public init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }

  /// The sentence with each setting as `spell` has it, which is given its key.
  public func text(spelling spell: (_ key: String) -> String) -> String {
    parts.map { part in
      switch part {
      case .text(let text): text
      case .key(let setting): spell(setting.key)
      }
    }.joined()
  }

  /// The sentence with settings as the program around spells them: by their keys in JSON and YAML, unless it is one that
  /// takes flags.
  public var description: String { text(spelling: Setting.spelling.text) }

  /// The sentence with other words between its settings.
  package func changingWords(_ change: (String) -> String) -> KeyedText {
    var changed = self
    changed.parts = parts.map { part in
      if case .text(let text) = part { .text(change(text)) } else { part }
    }
    return changed
  }

  /// One sentence after the other.
  public static func + (left: KeyedText, right: KeyedText) -> KeyedText {
    var sum = left
    sum.parts += right.parts
    return sum
  }

  /// A sentence and words.
  public static func + (left: KeyedText, right: String) -> KeyedText { left + KeyedText(right) }

  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var parts: [Part] = []

    public init(literalCapacity: Int, interpolationCount: Int) {}

    public mutating func appendLiteral(_ literal: String) { parts.append(.text(literal)) }

    /// Mentions a setting.
    public mutating func appendInterpolation(_ key: RunKey) {
      parts.append(.key(Setting(key.rawValue)))
    }

    /// Mentions a setting of something else than a run.
    package mutating func appendInterpolation(setting: Setting) { parts.append(.key(setting)) }

    /// Takes over a sentence with the settings that it mentions.
    public mutating func appendInterpolation(_ text: KeyedText) { parts += text.parts }

    @_disfavoredOverload
    public mutating func appendInterpolation(_ value: some Any) { parts.append(.text("\(value)")) }
  }
}

extension Sequence<KeyedText> {
  /// The sentences in one.
  package func joined(separator: String) -> KeyedText {
    reduce(into: nil as KeyedText?) { sum, next in
      sum = sum.map { "\($0)\(separator)\(next)" } ?? next
    } ?? ""
  }
}

/// An error whose sentence mentions settings.
public protocol KeyedError: Error, CustomStringConvertible {
  /// What is wrong and what to do.
  var text: KeyedText { get }
}

extension KeyedError {
  public var description: String { text.description }
}

/// Settings that contradict each other, that lack something, or a value that makes no sense.
public struct SettingsError: KeyedError {
  /// What is wrong and what to do.
  public let text: KeyedText

  public init(_ text: KeyedText) { self.text = text }
}

extension SettingsError {
  /// A setting has a value that is none of those it takes: names them all, and the one that is close.
  package static func value(
    _ value: String, of key: RunKey, expected values: [String]
  ) -> SettingsError {
    let list = [values.dropLast().joined(separator: ", ")] + values.suffix(1)
    let expected = list.filter { !$0.isEmpty }.joined(separator: " or ")
    return SettingsError(
      "\(key) is \"\(value)\", expected \(expected)\(suggestion(for: value, among: values))")
  }
}
