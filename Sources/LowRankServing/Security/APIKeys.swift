import Foundation
import LowRank
import LowRankDigests

/// Who may use the server, and what.
///
/// The file holds hashes of keys: `{"keys": [{"name": "ann", "sha256": "…", "adapters": ["a", "team-*"], "base": true,
/// "tokens_per_minute": 60000, "admin": false}]}`.
package struct APIKeys: Sendable {
  /// One key's rights.
  package struct Key: Sendable {
    /// What the key is called in logs and counted under.
    package let name: String
    fileprivate let hash: [UInt8]
    /// The adapters, by names or beginnings of names with a star; all where nil.
    let adapters: [String]?
    /// Whether the base may be used without an adapter.
    package let usesBase: Bool
    /// The tokens of a minute, read and added; as many as there are where nil.
    package let tokensPerMinute: Int?
    /// Whether adapters may be loaded and unloaded, and counts be read.
    package let isAdmin: Bool

    /// Whether the key may use an adapter.
    package func allows(_ adapter: String) -> Bool {
      guard let adapters else { return true }
      return adapters.contains { pattern in
        pattern.hasSuffix("*")
          ? adapter.utf8.starts(with: pattern.dropLast().utf8)
          : ExactText(pattern) == ExactText(adapter)
      }
    }
  }

  private let keys: [Key]

  /// The fields of a key; another one may be misspelt, and would give rights that were not meant.
  private static let fields = [
    "name", "sha256", "adapters", "base", "tokens_per_minute", "admin",
  ]

  /// Whoever asks a server without keys.
  package static let anybody = Key(
    name: "", hash: [], adapters: nil, usesBase: true, tokensPerMinute: nil, isAdmin: true)

  /// Reads a file of keys.
  ///
  /// - Throws: `JSONError` that names the file and the key of JSON.
  package init(at url: URL) throws {
    let file = try JSONFile(at: url)
    for name in file.allKeys where name != "keys" {
      throw file.error(name, "is no field of a file of keys, which has \"keys\" alone")
    }
    keys = try file.objects("keys").map { entry in
      for name in entry.allKeys where !Self.fields.contains(name) {
        throw entry.error(
          name, "is no field of a key\(suggestion(for: name, among: Self.fields))")
      }
      let hash = try entry.string("sha256").lowercased()
      guard let bytes = Self.bytes(hash), bytes.count == 32 else {
        throw entry.error("sha256", "must be a SHA-256, 64 hexadecimal digits")
      }
      let rate = try entry.optionalInteger("tokens_per_minute")
      if let rate, rate < 1 { throw entry.error("tokens_per_minute", "must be at least 1") }
      return Key(
        name: try entry.string("name"), hash: bytes,
        adapters: try entry.optionalStrings("adapters"),
        usesBase: try entry.bool("base", default: true), tokensPerMinute: rate,
        isAdmin: try entry.bool("admin", default: false))
    }
    guard !keys.isEmpty else { throw file.error("keys", "must hold at least one key") }
    guard Set(keys.map { ExactText($0.name) }).count == keys.count,
      keys.allSatisfy({ !$0.name.isEmpty })
    else { throw file.error("keys", "must have a name each, and no name twice") }
    guard Set(keys.map(\.hash)).count == keys.count else {
      throw file.error(
        "keys", "must not have one sha256 twice: one key would have two kinds of rights")
    }
  }

  /// The key that a request presents; nil for none that is known.
  ///
  /// The time that this takes does not depend on which byte differs.
  package func key(of presented: String) -> Key? {
    guard let digest = try? Digest.sha256(presented.utf8), let hash = Self.bytes(digest) else {
      return nil
    }
    var found: Key?
    for key in keys {
      let difference = zip(key.hash, hash).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) }
      if difference == 0 { found = key }
    }
    return found
  }

  private static func bytes(_ hexadecimal: String) -> [UInt8]? {
    let digits = Array(hexadecimal.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).reduce(into: [UInt8]?([])) { bytes, index in
      let text = String(decoding: digits[index..<index + 2], as: UTF8.self)
      guard text.allSatisfy(\.isHexDigit), let byte = UInt8(text, radix: 16) else {
        bytes = nil
        return
      }
      bytes?.append(byte)
    }
  }
}
