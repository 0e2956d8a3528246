/// Refuses tokens of a tokenizer that belongs to a larger model.
func requireKnown(_ ids: [Int32], vocabularySize: Int?) throws(DataError) {
  guard let vocabularySize, let stray = ids.first(where: { Int($0) >= vocabularySize }) else {
    return
  }
  throw DataError(
    "the tokenizer", "it gives token \(stray), but the model knows \(vocabularySize) tokens")
}
