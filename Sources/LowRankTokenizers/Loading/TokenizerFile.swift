import Foundation

/// Files that a tokenizer is read from.
enum TokenizerFile {
  /// The bytes of a file.
  static func data(_ url: URL) throws(TokenizerError) -> Data {
    do {
      return try Data(contentsOf: url)
    } catch {
      throw .unreadable(file: url.relativePath, reason: error.localizedDescription)
    }
  }

  /// The bytes of a file that must be UTF-8.
  static func read(_ url: URL) throws(TokenizerError) -> [UInt8] {
    let bytes = Array(try data(url))
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw .malformed(file: url.relativePath, problem: "it is not UTF-8")
    }
    return bytes
  }

  /// The values of a JSON file.
  static func tree(_ url: URL) throws(TokenizerError) -> JSONTree {
    let bytes = try read(url)
    do throws(JSONSyntaxError) {
      return try JSONTree(parsing: bytes)
    } catch {
      throw .malformed(
        file: url.relativePath,
        problem: "at byte \(error.offset), expected \(error.expected)")
    }
  }

  /// The one object of a JSON file.
  static func object(_ url: URL) throws(TokenizerError) -> JSONSection {
    try JSONSection(tree(url), node: 0, path: "", file: url.relativePath)
  }
}
