/// An encoded row with its label, both for training and for `data check`.
struct LabelledReading {
  /// The target of the row.
  let target: LabelTarget?
  /// The tokens of the row; nil if it has no text and is left out.
  let sequence: EncodedSequence?
}

extension LabelledEncoder {
  /// Reads a row.
  ///
  /// - Parameter isLabelled: whether the file's labels are read. If so, a row without a text is left out; otherwise
  ///   it is refused, so that each row gets a prediction.
  /// - Throws: `DataError` for a row that stops a run, and what the tokenizer throws.
  func read(
    _ row: LabelledRow, _ labels: LabelMap?, isLabelled: Bool
  ) throws -> LabelledReading {
    let target = try row.target(labels)
    if isLabelled, row.texts.allSatisfy(\.isEmpty) {
      return LabelledReading(target: target, sequence: nil)
    }
    let sequence =
      if let images, let image = row.image { try images.sequence(of: image) } else {
        try self.sequence(row.texts)
      }
    guard sequence.ids.isEmpty else { return LabelledReading(target: target, sequence: sequence) }
    guard isLabelled else {
      throw DataError(row.place, "the row has no tokens; give it a text")
    }
    return LabelledReading(target: target, sequence: nil)
  }
}
