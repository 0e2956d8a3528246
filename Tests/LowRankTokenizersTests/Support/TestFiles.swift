import Foundation
import LowRankTokenizers
import Testing

/// Where the tests' files are.
enum TestFiles {
  /// The committed fixtures, which `Oracles/tokenizers_fixture.py` wrote.
  static func fixture(_ name: String) throws -> URL {
    let bundled = Bundle.module.url(forResource: "Fixtures", withExtension: nil)
    return try #require(bundled).appendingPathComponent(name)
  }

  /// Real models and data: `LOWRANK_ASSETS`, or `../shared/assets` from the package.
  static let assets: URL = {
    if let path = ProcessInfo.processInfo.environment["LOWRANK_ASSETS"] {
      return URL(fileURLWithPath: path)
    }
    var package = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { package.deleteLastPathComponent() }
    return package.deletingLastPathComponent().appendingPathComponent("shared/assets")
  }()

  static func hasAsset(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: assets.appendingPathComponent(path).path)
  }

  /// Calls `body` with a new folder that holds these files, and removes it.
  @discardableResult
  static func withFolder<Result>(
    _ files: [String: String], _ body: (URL) throws -> Result
  ) throws -> Result {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("tokenizer-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, content) in files {
      try Data(content.utf8).write(to: folder.appendingPathComponent(name))
    }
    return try body(folder)
  }

  /// The tokenizer of a `tokenizer.json` with this content.
  static func tokenizer(_ json: String) throws -> Tokenizer {
    try withFolder(["tokenizer.json": json]) { try Tokenizer(folder: $0) }
  }
}
