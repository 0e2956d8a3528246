import Foundation

extension AdapterLibrary {
  /// What is wrong with files, without the paths of this machine.
  static func reason(_ error: any Error, _ name: String, _ place: URL) -> String {
    let words = "\(error)".split(separator: " ", omittingEmptySubsequences: false)
    let text = words.map { word in
      guard word.contains("/"), word.hasPrefix("/") || word.hasPrefix(".") || word.hasPrefix("~")
      else { return String(word) }
      let last = word.split(separator: "/").last.map(String.init) ?? ""
      return last.hasPrefix(".lowrank-serve-") ? "'\(name)'" + suffix(of: last) : last
    }.joined(separator: " ")
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  private static func suffix(of word: String) -> String {
    word.last.map { ":;,".contains($0) ? String($0) : "" } ?? ""
  }
}
