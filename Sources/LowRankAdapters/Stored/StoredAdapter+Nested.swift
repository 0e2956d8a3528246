import LowRankCheckpoints

extension StoredAdapter {
  /// The least rank at which the leading directions can be used alone; nil where only all of them make sense.
  package var nestedFrom: Int? { facts?.nestedFrom }

  /// How many slices of a fused map the factors of a module are for.
  package func sliceCount(of path: String) -> Int { max(1, facts?.slices[path]?.count ?? 1) }
}

extension EditableAdapter {
  /// Notes that the leading directions of every module can be used alone, from a rank on.
  ///
  /// - Throws: `JSONError` where the notes of the file are broken.
  package mutating func note(nestedFrom least: Int) throws {
    guard var facts = try AdapterFacts(metadata: metadata, file: "the notes of the adapter") else {
      return
    }
    facts.nestedFrom = least
    metadata[AdapterFacts.metadataKey] = .string(JSONValue.object(facts.json).text())
  }
}
