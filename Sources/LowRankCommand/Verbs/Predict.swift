import ArgumentParser
import Foundation
import LowRank

/// `lowrank predict`: what a classifier says of each row of a file.
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Classify each row of a file, or a text.",
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
  @OptionGroup var splitOption: SplitOption

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("A text, or the two of a pair, instead of --data.", valueName: "text"))
  var text: [String] = []

  @OptionGroup var lineOptions: LineOptions

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
    let place = try lineOptions.place(
      sparing: [dataOptions.data, options.model, options.adapter])
    let adapted = try options.loadAdapted()
    let task = try adapted.labelledTask
    let encoder = try dataOptions.labelledEncoder(for: adapted.model, trained: task.maxLength)
    let set = try rows(task, encoder)
    var lines: [JSONObject] = []
    for batch in SequentialBatches(set, batchSize: lineOptions.batchSize) {
      for logits in batch.logits(of: adapted.model, adapted.selection) {
        lines.append(try Prediction(logits, task).json(row: lines.count + 1))
      }
    }
    try lineOptions.write(lines, to: place, noun: "rows", json: options.json)
  }

  private func rows(_ task: LabelledTask, _ encoder: LabelledEncoder) throws -> LabelledSet {
    guard let data = dataOptions.data else {
      let trained = task.columns.texts.count
      guard trained == 0 || trained == text.count else {
        throw UsageError(
          "--text is given \(text.count == 1 ? "one text" : "two texts"), but the adapter was trained on "
            + (trained == 1 ? "one" : "pairs"))
      }
      let sequence = try encoder.sequence(text)
      if sequence.isTruncated { Console.write("note: --text is truncated") }
      guard !sequence.ids.isEmpty else { throw UsageError("--text has no tokens") }
      return LabelledSet(
        [LabelledExample(ids: sequence.ids, typeIDs: sequence.typeIDs, target: nil)],
        task: task.task, labels: task.labels, source: "--text")
    }
    var columns = dataOptions.columns.filled(from: task.columns)
    columns.label = nil
    let rows = try LocatedData.rows(data, split: splitOption.split)
    // Lines have no columns but their text.
    if DataFormat(of: rows.files[0]) == .txt, dataOptions.textColumn.isEmpty {
      columns.texts = ["text"]
    }
    let set = try LabelledSet(
      of: rows, columns: columns, task: task.task,
      labels: task.labels, encoder: encoder, requiresLabels: false)
    Console.write("\(set.source): \(set.counts)")
    return set
  }
}
