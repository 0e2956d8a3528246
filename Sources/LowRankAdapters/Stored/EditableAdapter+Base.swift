import Foundation
import LowRankCheckpoints
import LowRankKeys

extension StoredAdapter {
  /// Whether a model is the base that the adapter records.
  ///
  /// - Throws: what reading the model's files throws.
  public func match(on base: ModelFolder) throws -> BaseMatch {
    try BaseMatch(facts, of: url.relativePath, trainedOn: baseName, on: base)
  }

  /// The name of the base in the adapter's configuration.
  public var baseName: String? { config["base_model_name_or_path"]?.string }
}

extension EditableAdapter {
  /// Writes down the base that the adapter was made of, where it does not say so yet.
  ///
  /// A base that an existing adapter is only used with is not to be written down: an adapter without a fingerprint fits
  /// every model of its base's shapes, so nothing shows that it was trained on this one.
  ///
  /// - Parameter task: the classes of a classifier, if the draft does not have them yet.
  /// - Throws: `JSONError` where what it says of itself is broken, and what reading the base's files throws.
  public mutating func remember(_ base: ModelFolder, task: JSONObject? = nil) throws {
    var facts =
      try AdapterFacts(metadata: metadata, file: base.url.relativePath)
      ?? AdapterFacts(fingerprint: nil, slices: [:])
    guard facts.fingerprint == nil || (facts.task == nil && task != nil) else { return }
    if facts.fingerprint == nil { try facts.record(base) }
    facts.task = facts.task ?? task
    metadata[AdapterFacts.metadataKey] = .string(JSONValue.object(facts.json).text())
  }
}

extension EditableAdapter {
  /// Forgets which base the adapter is for, as where it is made of adapters of several.
  public mutating func forgetBase() {
    guard var facts = try? AdapterFacts(metadata: metadata, file: "") else { return }
    (facts.fingerprint, facts.identity, facts.storage) = (nil, nil, nil)
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
      base, or pass \(setting: "allow") fingerprint to use this one
      """)
  }
}
