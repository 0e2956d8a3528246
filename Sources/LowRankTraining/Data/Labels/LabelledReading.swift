/// A labelled row as it was read, for training and for a check of it alike.
struct LabelledReading {
  /// What is to be said of the row.
  let target: LabelTarget?
  /// The tokens of the row; nil where it has no text and is left out.
  let sequence: EncodedSequence?
}

extension LabelledEncoder {
  /// Reads a row.
  ///
  /// - Parameter isLabelled: whether the file's labels are read; a row without a text is left out then, and refused otherwise,
  ///   so that each row has an answer.
  /// - Throws: `DataError` for a row that stops a run, and what the tokenizer throws.
  func read(
    _ row: LabelledRow, _ labels: LabelMap?, isLabelled: Bool
  ) throws -> LabelledReading {
    let target = try row.target(labels)
    if isLabelled, row.texts.allSatisfy(\.isEmpty) {
      return LabelledReading(target: target, sequence: nil)
    }
    let sequence = try self.sequence(row.texts)
    guard sequence.ids.isEmpty else { return LabelledReading(target: target, sequence: sequence) }
    guard isLabelled else {
      throw DataError(row.place, "the row has no token to judge by; give it a text")
    }
    return LabelledReading(target: target, sequence: nil)
  }
}
