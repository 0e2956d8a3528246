import LowRankCheckpoints
import LowRankKeys

/// Why a method cannot be chosen as it was asked for.
public enum MethodError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No method of the axis has the name.
  case unknown(String, MethodAxis, known: [String])
  /// The method has no option of the name; others of the axis may.
  case unknownOption(String, of: String, MethodAxis, known: [String], owners: [String])
  /// An option is not of the form `key=value`.
  case malformed(String, of: String, MethodAxis)
  /// An option does not take the value.
  case value(String, of: String, String, MethodAxis, expected: String)
  /// An option is given twice.
  case twice(String, of: String, MethodAxis)
  /// Two options are true of which one at most may be.
  case contradiction(String, String, of: String, MethodAxis)
  /// An option that has no default is not given.
  case missing(String, of: String, MethodAxis, help: String)
  /// A setting stands for an option that the method does not have.
  case noEffect(String, option: String, of: String, MethodAxis)
  /// A setting and the option that it stands for are both given.
  case both(String, option: String, of: String, MethodAxis)
  /// The choices of two axes do not go together.
  case apart(String, MethodAxis, String, MethodAxis, why: String)

  /// One sentence that begins with the setting.
  public var description: String {
    switch self {
    case .unknown(let name, let axis, let known):
      "\(axis.setting) is \"\(name)\", expected \(Self.list(known))\(suggestion(for: name, among: known))"
    case .unknownOption(let key, let name, let axis, let known, let owners):
      "\(axis.setting) \(name) has no option \"\(key)\""
        + (owners.isEmpty ? "" : ", which is one of \(owners.joined(separator: ", "))")
        + (known.isEmpty
          ? "; it has no options" : "; its options are \(known.joined(separator: ", "))")
        + suggestion(for: key, among: known)
    case .malformed(let text, let name, let axis):
      "\(axis.setting) \(name): \"\(text)\" is not of the form option=value"
    case .value(let value, let key, let name, let axis, let expected):
      "\(axis.setting) \(name): \(key) is \"\(value)\", expected \(expected)"
    case .twice(let key, let name, let axis):
      "\(axis.setting) \(name): \(key) is given twice"
    case .contradiction(let key, let other, let name, let axis):
      "\(axis.setting) \(name): \(other) contradicts \(key); give one of them"
    case .missing(let key, let name, let axis, let help):
      "\(axis.setting) \(name) needs \(axis.setting) \(name):\(key)=…: \(help)"
    case .noEffect(let key, let option, let name, let axis):
      "\(setting: Setting(key)) has no effect with \(axis.setting) \(name), which has no option \(option)"
    case .both(let key, let option, let name, let axis):
      "give either \(setting: Setting(key)) or \(axis.setting) \(name):\(option)=…, not both"
    case .apart(let first, let axis, let second, let other, let why):
      "\(axis.setting) \(first) does not go with \(other.setting) \(second): \(why)"
    }
  }

  private static func list(_ names: [String]) -> String {
    let most = names.dropLast().joined(separator: ", ")
    return [most, names.last ?? ""].filter { !$0.isEmpty }.joined(separator: " or ")
  }
}
