import LowRankCheckpoints

extension DataCheck {
  /// All that was found, as one object.
  public var json: JSONObject {
    [
      "files": .array(files.map { .object($0.json) }),
      "shared": .array(
        shared.map { file, other, rows in
          [
            "file": .string(file.file), "with": .string(other.file), "count": .integer(rows.count),
            "rows": Self.pairs(rows.map { ($0.row, $0.other) }),
          ]
        }),
      "warnings": .array(warnings.map { .string($0) }),
      "errors": .array(errors.map { .string($0) }),
    ]
  }

  /// The first of some pairs of rows.
  static func pairs(_ rows: [(Int, Int)]) -> JSONValue {
    .array(rows.prefix(100).map { [.integer($0.0), .integer($0.1)] })
  }
}

extension FileCheck {
  /// What was found of the file.
  public var json: JSONObject {
    var json: JSONObject = [
      "file": .string(file), "format": .string(format), "rows": .integer(rowCount),
      "kept": .integer(kept), "empty": .integer(empty), "refused": .integer(refused),
      "truncated": .integer(truncated), "untrained": .integer(untrained),
      "marked": .integer(marked), "marked_turns": .integer(markedTurns),
      "partial": .integer(partial), "unended": .integer(unended.count),
      "unended_rows": .array(unended.prefix(100).map { .integer($0) }),
      "duplicates": .integer(duplicates.count),
      "duplicate_rows": DataCheck.pairs(duplicates.map { ($0.row, $0.first) }),
      "tokens": .integer(tokens),
      "unknown_tokens": unknownName.map { _ in .integer(unknownTokens) } ?? .null,
      "lost_characters": .integer(lost.count),
      "trained_tokens": isCausal ? .integer(trainedTokens) : .null,
      "lengths": .object(lengths.json),
      "longest": .array(
        longest.map { ["row": .integer($0.row), "tokens": .integer($0.length)] }),
      "remarks": .array(remarks.map { .string($0) }),
      "views": .array(views.map { .object($0.json) }),
    ]
    for (key, value) in textColumns.json?.entries ?? [] { json[key] = value }
    if let columns {
      json["text_columns"] = .array(columns.texts.map { .string($0) })
      json["label_column"] = columns.label.map { .string($0) } ?? .null
    }
    if !labels.isEmpty {
      json["labels"] = .object(JSONObject(labels.map { ($0.name, .integer($0.rows)) }))
    }
    return json
  }
}
