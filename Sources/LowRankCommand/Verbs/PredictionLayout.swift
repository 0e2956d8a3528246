import Foundation
import LowRank
import LowRankConsole

/// What is written of each row: the columns of the input, the label, and probabilities.
struct PredictionLayout {
  private let format: PredictionFormat
  private let task: LabelledTask
  private let options: PredictionOptions
  /// The rows of the input; none for a text from the command line.
  private let rows: [DataRow]
  /// The columns of the input and what they are called in the output.
  private let columns: [(name: String, written: String)]

  /// - Parameters:
  ///   - table: the input, whose columns are copied; nil for a text from the command line.
  /// - Throws: `UsageError` where a value cannot be written in the format.
  init(
    _ format: PredictionFormat, _ task: LabelledTask, _ options: PredictionOptions,
    copying table: DataTable?
  ) throws {
    (self.format, self.task, self.options) = (format, task, options)
    rows = table?.rows ?? []
    var (names, known) = ([String](), Set<ExactText>())
    for row in rows {
      for name in row.fields.keys where known.insert(ExactText(name)).inserted {
        names.append(name)
      }
    }
    var taken = Set(Self.ownNames(format, task, options).map { ExactText($0) })
    var columns: [(name: String, written: String)] = []
    for name in names {
      var written = name
      while taken.contains(ExactText(written))
        || written != name && known.contains(ExactText(written))
      {
        written = "input_" + written
      }
      taken.insert(ExactText(written))
      columns.append((name, written))
    }
    self.columns = columns
    if let table { try check(table) }
  }

  /// The columns that are renamed, because the predictions have columns of these names.
  var renamed: [(name: String, written: String)] { columns.filter { $0.name != $0.written } }

  /// The names of what is predicted.
  private static func ownNames(
    _ format: PredictionFormat, _ task: LabelledTask, _ options: PredictionOptions
  ) -> [String] {
    guard format.isTable else {
      return ["row", "label", "probability", "probabilities", "top"]
    }
    guard task.task != .regression else { return ["label"] }
    return ["label", "probability"]
      + (1..<(options.topK ?? 0) + 1).flatMap { ["top_\($0)", "top_\($0)_probability"] }
      + (options.allProbabilities ? (task.labels?.names ?? []).map { "probability_\($0)" } : [])
  }

  /// The line that names the columns of a table; nil for JSON lines.
  var header: String? {
    guard format.isTable else { return nil }
    return format.line(columns.map(\.written) + Self.ownNames(format, task, options))
  }

  /// The line of one prediction, the row counted from 0.
  func line(_ prediction: Prediction, row: Int) -> String {
    let fields = rows.isEmpty ? nil : rows[row].fields
    return format.isTable
      ? format.line(cells(prediction, fields))
      : JSONValue.object(json(prediction, row: row, fields)).text()
  }

  private func json(_ prediction: Prediction, row: Int, _ fields: JSONObject?) -> JSONObject {
    var json: JSONObject = ["row": .integer(row + 1)]
    if let fields {
      for (name, written) in columns {
        if let value = fields[name] { json[written] = value }
      }
    }
    json["label"] = prediction.label
    json["probability"] = prediction.probability
    if let count = options.topK {
      json["top"] = .array(
        prediction.top(count).map { label, probability in
          ["label": .string(label), "probability": .double(probability)]
        })
    }
    if options.topK == nil || options.allProbabilities {
      json["probabilities"] = prediction.table.map { .object($0) }
    }
    return json
  }

  private func cells(_ prediction: Prediction, _ fields: JSONObject?) -> [String] {
    var cells = columns.map { Self.cell(fields?[$0.name]) } + [Self.cell(prediction.label)]
    guard let probability = prediction.probability else { return cells }
    cells.append(Self.cell(probability))
    for (label, probability) in prediction.top(options.topK ?? 0) {
      cells += [label, Self.cell(.double(probability))]
    }
    if options.allProbabilities { cells += prediction.probabilities.map { Self.cell(.double($0)) } }
    return cells
  }

  /// A value as a cell: strings as they are, nothing for null, and JSON for lists and objects.
  private static func cell(_ value: JSONValue?) -> String {
    guard let value, value != .null else { return "" }
    return value.string ?? value.text()
  }

  /// Refuses values that the format cannot hold, before anything is predicted.
  private func check(_ table: DataTable) throws {
    guard format == .tsv else { return }
    for name in columns.map(\.name) + (task.labels?.names ?? []) where !format.holds(name) {
      throw UsageError(
        "the name \"\(name)\" holds a tab or a line end, which a .tsv file cannot hold; write a .csv or .jsonl file"
      )
    }
    for row in rows {
      for (name, value) in row.fields.entries where !format.holds(Self.cell(value)) {
        throw UsageError(
          """
          \(table.place(of: row)): "\(name)" holds a tab or a line end, which a .tsv file cannot hold; write a .csv or \
          .jsonl file
          """)
      }
    }
  }
}
