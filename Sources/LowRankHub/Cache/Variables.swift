import Foundation

/// Variables of the environment, read by the rules of `huggingface_hub`.
struct Variables {
  private let environment: [String: String]

  init(_ environment: [String: String]) { self.environment = environment }

  /// `~/.cache/huggingface`, or below `XDG_CACHE_HOME`.
  var defaultHome: String {
    expanded("\(environment["XDG_CACHE_HOME"] ?? "~/.cache")/huggingface")
  }

  /// The path in a variable, with `~` and `$NAME` replaced.
  func path(_ name: String) -> String? {
    environment[name].flatMap { $0.isEmpty ? nil : expanded($0) }
  }

  /// Whether the first of the variables that says something says yes.
  func isTrue(_ names: String...) -> Bool {
    let value = names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    return ["1", "ON", "YES", "TRUE"].contains((value ?? "").uppercased())
  }

  /// A number of seconds; 0 is none.
  func seconds(_ name: String) throws(HubError) -> Int? {
    guard let text = environment[name] else { return nil }
    guard let seconds = Int(text), (0...86_400).contains(seconds) else {
      throw .badSetting(name, text, expected: "a whole number of seconds")
    }
    return seconds == 0 ? nil : seconds
  }

  private func expanded(_ path: String) -> String {
    var path = path
    if path == "~" || path.hasPrefix("~/") {
      path = (environment["HOME"] ?? NSHomeDirectory()) + path.dropFirst()
    }
    let name = /\$(?:\{(?<braced>\w+)\}|(?<bare>\w+))/
    return path.replacing(name) { match in
      environment[String(match.braced ?? match.bare ?? "")] ?? String(match.0)
    }
  }
}
