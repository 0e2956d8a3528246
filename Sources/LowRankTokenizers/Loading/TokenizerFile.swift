import Foundation

/// Files that a tokenizer is read from.
enum TokenizerFile {
  /// The bytes of a file.
  static func data(_ url: URL) throws(TokenizerError) -> Data {
    if let reason = unreadable(url) {
      throw .unreadable(file: url.relativePath, reason: reason)
    }
    guard let data = try? Data(contentsOf: url) else {
      throw .unreadable(file: url.relativePath, reason: "it cannot be read to its end")
    }
    return data
  }

  /// Whether something has the name, a link that leads nowhere included.
  static func isThere(_ url: URL) -> Bool {
    var status = stat()
    return lstat(url.path, &status) == 0
  }

  /// Why a file cannot be opened; nil if it can.
  private static func unreadable(_ url: URL) -> String? {
    let descriptor = open(url.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      return errno == ENOENT && isThere(url)
        ? "it is a link to something that does not exist" : String(cString: strerror(errno))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return String(cString: strerror(errno)) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return nil
    case S_IFDIR: return "it is a folder"
    default: return "it is not a regular file"
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
