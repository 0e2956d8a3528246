import ArgumentParser
import Foundation
import LowRank

/// `lowrank predict`: what a classifier says of each row of a file.
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say of each row of a file, or of a text, what it is.",
    discussion: """
      Writes one JSON object a row: the label with the probability of every class, the labels and their probabilities, or \
      a number. Task, columns and classes are those that training wrote beside the adapter; a column of labels is not \
      read.

      EXAMPLES:
        lowrank predict --model models/minilm --adapter sst2 --data test.tsv --output said.jsonl
        lowrank predict --model models/minilm --adapter sst2 --text "a fine film"
      """)

  @OptionGroup var options: ModelOptions
  @OptionGroup var dataOptions: DataOptions

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("A text, or the two of a pair, in place of --data.", valueName: "text"))
  var text: [String] = []

  @Option(
    help: ArgumentHelp("Where the lines are written. (default: standard output)", valueName: "file")
  )
  var output: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Rows at a time.", valueName: "n"))
  var batchSize: Int = 32

  @Flag(help: "Replace a file that is there.")
  var overwrite = false

  func run() throws {
    guard (dataOptions.data == nil) != text.isEmpty else {
      throw UsageError("give either --data FILE or --text")
    }
    guard text.count <= 2 else {
      throw UsageError("--text is given \(text.count) texts, expected one, or two of a pair")
    }
    guard dataOptions.labelColumn == nil else {
      throw UsageError("--label-column has no effect: predict reads no labels")
    }
    try Bounds.check(batchSize, "--batch-size")
    let place = try output.map {
      try CheckedFile(
        lines: $0, overwrite: overwrite,
        sparing: [dataOptions.data, options.model, options.adapter])
    }
    let adapted = try options.loadAdapted()
    let task = try adapted.labelledTask
    let encoder = try dataOptions.labelledEncoder(for: adapted.model, trained: task.maxLength)
    let set = try rows(task, encoder)
    var lines: [JSONObject] = []
    for batch in SequentialBatches(set, batchSize: batchSize) {
      for logits in batch.logits(of: adapted.model, adapted.selection) {
        lines.append(try Prediction(logits, task).json(row: lines.count + 1))
      }
    }
    try write(lines, place)
  }

  private func rows(_ task: LabelledTask, _ encoder: LabelledEncoder) throws -> LabelledSet {
    guard let data = dataOptions.data else {
      let sequence = try encoder.sequence(text)
      guard !sequence.ids.isEmpty else { throw UsageError("--text has no token to judge by") }
      return LabelledSet(
        [LabelledExample(ids: sequence.ids, typeIDs: sequence.typeIDs, target: nil)],
        task: task.task, labels: task.labels, source: "--text")
    }
    var columns = dataOptions.columns.filled(from: task.columns)
    columns.label = nil
    let set = try LabelledSet(
      at: Evaluate.file(URL(filePath: data)), columns: columns, task: task.task,
      labels: task.labels, encoder: encoder, requiresLabels: false)
    Console.write("\(set.source): \(set.counts)")
    return set
  }

  private func write(_ lines: [JSONObject], _ place: CheckedFile?) throws {
    guard let place else {
      for line in lines { try Console.result(line) }
      return
    }
    try place.write(lines)
    guard options.json else {
      return try Console.result("\(place.url.relativePath): \(lines.count) rows")
    }
    try Console.result(["output": .string(place.url.relativePath), "rows": .integer(lines.count)])
  }
}
