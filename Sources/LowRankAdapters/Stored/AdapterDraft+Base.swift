import Foundation
import LowRankCheckpoints

extension StoredAdapter {
  /// What is wrong where a model is another base than the adapter remembers; nil where it is that one, or it remembers
  /// none.
  ///
  /// - Throws: what reading the model's files throws.
  public func problem(on base: ModelFolder) throws -> LoadProblem? {
    guard let expected = baseFingerprint else { return nil }
    let found = try base.fingerprint().description
    guard expected != found else { return nil }
    return .foreignBase(
      adapter: url.relativePath, of: baseName, expected: expected, base: base.url.relativePath,
      found: found)
  }

  /// The name of the base in the adapter's configuration.
  public var baseName: String? { config["base_model_name_or_path"]?.string }
}

extension AdapterDraft {
  /// Writes down which base the adapter is for, where it does not say so yet.
  ///
  /// - Parameter task: the classes of a classifier, if the draft does not have them yet.
  /// - Throws: `JSONError` where what it says of itself is broken, and what reading the base's files throws.
  public mutating func remember(_ base: ModelFolder, task: JSONObject? = nil) throws {
    var facts =
      try AdapterFacts(metadata: metadata, file: base.url.relativePath)
      ?? AdapterFacts(fingerprint: nil, slices: [:])
    guard facts.fingerprint == nil || (facts.task == nil && task != nil) else { return }
    facts.fingerprint = try facts.fingerprint ?? base.fingerprint().description
    facts.task = facts.task ?? task
    metadata[AdapterFacts.metadataKey] = .string(JSONValue.object(facts.json).text())
  }
}

extension LoadProblem {
  /// A base of another fingerprint than the adapter remembers.
  static func foreignBase(
    adapter: String, of name: String?, expected: String, base: String, found: String
  ) -> LoadProblem {
    LoadProblem(
      .fingerprint, adapter,
      """
      the adapter was trained on \(name ?? "another base") (fingerprint \(expected)), not on \(base) (\(found)); give that \
      base, or pass --allow fingerprint to use this one
      """)
  }
}
