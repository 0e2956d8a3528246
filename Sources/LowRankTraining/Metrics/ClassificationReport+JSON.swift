import LowRankCheckpoints

extension ClassificationReport {
  /// The report as `{"labels": [{"label", "precision", "recall", "f1", "support"}], "averages":
  /// {"macro": …}, "accuracy", "rows", "confusion"}`; the rows of `confusion` are the true classes.
  public var json: JSONObject {
    let labels = zip(self.labels.names, scores).map { name, one -> JSONValue in
      .object([
        "label": .string(name), "precision": .double(one.precision),
        "recall": .double(one.recall), "f1": .double(one.f1), "support": .integer(one.support),
      ])
    }
    let means = averages.map { name, one -> (String, JSONValue) in
      (
        name,
        ["precision": .double(one.precision), "recall": .double(one.recall), "f1": .double(one.f1)]
      )
    }
    let counts = confusion?.counts.map { JSONValue.array($0.map { .integer($0) }) }
    return [
      "labels": .array(labels), "averages": .object(JSONObject(means)),
      "accuracy": .double(accuracy), "rows": .integer(rows),
      "confusion": counts.map { .array($0) } ?? .null,
    ]
  }
}
