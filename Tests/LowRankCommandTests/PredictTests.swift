import Foundation
import LowRank
import Testing

@Suite struct `Predictions` {
  /// The fields of each row of a file.
  private static func rows(_ url: URL) throws -> [JSONObject] {
    try DataTable(at: url).rows.map(\.fields)
  }

  private static func predict(
    _ workshop: ClassifierWorkshop, _ adapter: URL, _ data: URL, to name: String, _ more: String...
  ) throws -> (answer: Lowrank, file: URL) {
    let file = workshop.place(name)
    let answer = try Lowrank(
      [
        "predict", "--model", workshop.model.path, "--adapter", adapter.path, "--data", data.path,
        "--precision", "f32", "--batch-size", "5", "--output", file.path,
      ] + more)
    return (answer, file)
  }

  @Test func `stand beside the columns of the input, in its order`() throws {
    let workshop = try ClassifierWorkshop()
    let adapter = try workshop.trained()
    let valid = workshop.data.appending(path: "valid.tsv")
    let input = try Self.rows(valid)
    let lines = try Self.predict(workshop, adapter, valid, to: "said.jsonl")
    #expect(lines.answer.status == 0, "\(lines.answer.errors)")
    #expect(
      lines.answer.errors.contains(
        "note: the column \"label\" of the input is written as \"input_label\""))
    let said = try Self.rows(lines.file)
    #expect(said.count == 24)
    for (index, (row, source)) in zip(said, input).enumerated() {
      #expect(
        row.keys == ["row", "sentence", "input_label", "label", "probability", "probabilities"])
      #expect(row["row"]?.integer == index + 1)
      #expect(row["sentence"] == source["sentence"] && row["input_label"] == source["label"])
      let label = try #require(row["label"]?.string)
      #expect(row["probability"] == row["probabilities"]?.object?[label])
    }
    for name in ["said.csv", "said.tsv"] {
      let table = try Self.predict(
        workshop, adapter, valid, to: name, "--all-probabilities", "--top-k", "2")
      #expect(table.answer.status == 0, "\(table.answer.errors)")
      let rows = try Self.rows(table.file)
      #expect(
        rows[0].keys == [
          "sentence", "input_label", "label", "probability", "top_1", "top_1_probability", "top_2",
          "top_2_probability", "probability_bad", "probability_fine", "probability_good",
        ])
      #expect(rows.count == 24)
      for (row, line) in zip(rows, said) {
        #expect(row["sentence"] == line["sentence"] && row["label"] == line["label"])
        for (column, value) in [
          ("probability", line["probability"]), ("top_1_probability", line["probability"]),
          ("probability_fine", line["probabilities"]?.object?["fine"]),
        ] {
          #expect(row[column]?.string.flatMap(Double.init) == value?.double, "\(column)")
        }
        let ordered = try #require(line["probabilities"]?.object?.entries)
          .sorted { ($0.value.double ?? 0) > ($1.value.double ?? 0) }.map(\.key)
        #expect([row["top_1"]?.string, row["top_2"]?.string] == [ordered[0], ordered[1]])
      }
    }
  }

  @Test func `are the most probable ones alone where that is asked for`() throws {
    let workshop = try ClassifierWorkshop()
    let adapter = try workshop.trained()
    let valid = workshop.data.appending(path: "valid.tsv")
    let top = try Self.predict(workshop, adapter, valid, to: "said.jsonl", "--top-k", "2")
    #expect(top.answer.status == 0, "\(top.answer.errors)")
    for row in try Self.rows(top.file) {
      #expect(row["probabilities"] == nil)
      let best = try #require(row["top"]?.array).compactMap(\.object)
      #expect(best.count == 2 && best[0]["label"] == row["label"])
      #expect(best[0]["probability"] == row["probability"])
      #expect((best[1]["probability"]?.double ?? 1) <= (best[0]["probability"]?.double ?? 0))
    }
    let many = try Self.predict(workshop, adapter, valid, to: "many.jsonl", "--top-k", "4")
    #expect(many.answer.status == 2)
    #expect(many.answer.errors.contains("expected a number from 1 to 3, the number of classes"))
    #expect(!FileManager.default.fileExists(atPath: many.file.path))
    let threshold = try Self.predict(workshop, adapter, valid, to: "t.jsonl", "--threshold", "0.2")
    #expect(threshold.answer.status == 2)
    #expect(threshold.answer.errors.contains("--threshold has no effect here"))
  }

  @Test func `keep every value of the input`() throws {
    let workshop = try ClassifierWorkshop()
    let adapter = try workshop.trained()
    try workshop.write(
      """
      {"sentence": "the film, was \\"good\\"\\nreally", "id": 7, "tags": ["a", {"b": null}], "label": null}
      {"sentence": "the book was bad", "id": 8.50, "extra": true, "input_label": "taken"}

      """, to: workshop.root, "in.jsonl")
    let input = workshop.place("in.jsonl")
    let lines = try Self.predict(
      workshop, adapter, input, to: "said.jsonl", "--text-column", "sentence")
    #expect(lines.answer.status == 0, "\(lines.answer.errors)")
    let said = try Self.rows(lines.file)
    #expect(said[0]["tags"] == (try JSONValue(parsing: #"["a",{"b":null}]"#, from: "a test")))
    #expect(said[1]["id"]?.text() == "8.50" && said[1]["extra"] == true)
    // "input_label" is the input's own column, so its "label" moves further.
    #expect(said[0]["input_input_label"] == .null && said[1]["input_label"] == "taken")
    let table = try Self.predict(
      workshop, adapter, input, to: "said.csv", "--text-column", "sentence")
    #expect(table.answer.status == 0, "\(table.answer.errors)")
    let rows = try Self.rows(table.file)
    #expect(rows[0]["sentence"] == "the film, was \"good\"\nreally")
    #expect(rows[0]["tags"] == #"["a",{"b":null}]"# && rows[1]["tags"] == "")
    #expect(rows.map { $0["label"] } == said.map { $0["label"] })
    let refused = try Self.predict(
      workshop, adapter, input, to: "said.tsv", "--text-column", "sentence")
    #expect(refused.answer.status == 2)
    #expect(
      refused.answer.errors.contains("in.jsonl, line 1: \"sentence\" holds a tab or a line end"),
      "\(refused.answer.errors)")
    #expect(!FileManager.default.fileExists(atPath: refused.file.path))
  }

  @Test func `are numbers, or labels above a threshold`() throws {
    let workshop = try ClassifierWorkshop()
    for (task, values) in [
      ("regression", ["-1", "0.5", "2"]),
      ("multilabel", ["[\"cold\"]", "[]", "[\"cold\", \"warm\"]"]),
    ] {
      let lines = (0..<30).map { index in
        "{\"text\": \"a \(ClassifierWorkshop.classes[index % 3]) film\", \"y\": \(values[index % 3])}\n"
      }
      try workshop.write(lines.joined(), to: workshop.root, "\(task).jsonl")
      let (data, adapter) = (workshop.place("\(task).jsonl"), workshop.place(task))
      let trained = try Lowrank(
        "train", "--task", task, "--model", workshop.model.path, "--train-file", data.path,
        "--text-column", "text", "--label-column", "y", "--adapter-path", adapter.path, "--iters",
        "80", "--batch-size", "8", "--learning-rate", "0.02", "--precision", "f32")
      #expect(trained.status == 0, "\(trained.errors)")
      let table = try Self.predict(workshop, adapter, data, to: "\(task).csv")
      #expect(table.answer.status == 0, "\(table.answer.errors)")
      let rows = try Self.rows(table.file)
      guard task == "multilabel" else {
        #expect(rows[0].keys == ["text", "y", "label"])
        #expect(abs((rows[2]["label"]?.string.flatMap(Double.init) ?? 0) - 2) < 0.5)
        let top = try Self.predict(workshop, adapter, data, to: "top.csv", "--top-k", "1")
        #expect(top.answer.status == 2)
        continue
      }
      #expect(rows[0].keys == ["text", "y", "label", "probability"])
      #expect(rows[2]["label"] == #"["cold","warm"]"# && rows[1]["label"] == "[]")
      let all = try Self.predict(
        workshop, adapter, data, to: "all.jsonl", "--threshold", "0")
      for row in try Self.rows(all.file) {
        #expect(row["label"] == ["cold", "warm"])
        #expect(row["probability"]?.array == row["probabilities"]?.object?.entries.map(\.value))
      }
    }
  }
}
