import ArgumentParser
import Foundation
import LowRank

/// `lowrank predict`: what a classifier says of each row of a file.
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Classify each row of a file, or a text.",
    discussion: """
      Writes each row's columns and its label: a class with its probability, the labels above --threshold with \
      theirs, or a number. Rows keep their order. The output is JSON lines, or a table if its name ends in .csv or .tsv. If a \
      column of the input has the name of one of the output, it gets the prefix input_. Task, columns and classes are read \
      from the adapter's folder; a column of labels is copied and not used.

      EXAMPLES:
        lowrank predict --model models/minilm --adapter sst2 --data test.tsv --output said.csv
        lowrank predict --model models/minilm --adapter sst2 --data test.tsv --output said.jsonl --top-k 3
        lowrank predict --model models/minilm --adapter sst2 --text "a fine film"
      """)

  @OptionGroup var options: ModelOptions<AdapterIfGiven>
  @OptionGroup var dataOptions: DataOptions<DataOrText>
  @OptionGroup var splitOption: SplitOption

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("A text, or the two of a pair, instead of --data.", valueName: "text"))
  var text: [String] = []

  @OptionGroup var predictionOptions: PredictionOptions
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
    try predictionOptions.check(task)
    let encoder = try dataOptions.labelledEncoder(for: adapted.model, trained: task.maxLength)
    let (set, table) = try rows(task, encoder)
    let layout = try PredictionLayout(
      PredictionFormat(of: place?.url), task, predictionOptions, copying: table)
    for (name, written) in layout.renamed {
      Console.write(
        "note: the column \"\(name)\" of the input is written as \"\(written)\"".printable)
    }
    try lineOptions.write(to: place, noun: "rows", json: options.json) { write in
      let work = Work("predicting \(set.source)", of: set.count)
      defer { work.end() }
      var row = 0
      if let header = layout.header { try write(header) }
      for batch in SequentialBatches(set, batchSize: lineOptions.batchSize) {
        for logits in batch.logits(of: adapted.model, adapted.selection) {
          let prediction = try Prediction(
            logits, task, threshold: predictionOptions.threshold ?? 0.5)
          try write(layout.line(prediction, row: row))
          row += 1
        }
        work.advance(by: batch.sources.count)
      }
      return row
    }
  }

  /// The rows, with the table that they are from unless it is a text of the command line.
  private func rows(
    _ task: LabelledTask, _ encoder: LabelledEncoder
  ) throws -> (set: LabelledSet, table: DataTable?) {
    guard let data = dataOptions.data else {
      let trained = task.columns.texts.count
      guard trained == 0 || trained == text.count else {
        throw UsageError(
          "--text is given \(text.count == 1 ? "one text" : "two texts"), but the adapter was trained on "
            + (trained == 1 ? "one" : "pairs"))
      }
      let sequence = try encoder.sequence(text)
      var lost = LostCharacters()
      lost.add(sequence.lost, of: text.joined())
      LostText.warn(lost, in: "--text")
      if sequence.isTruncated { Console.write("note: --text is truncated") }
      guard !sequence.ids.isEmpty else { throw UsageError("--text has no tokens") }
      let set = LabelledSet(
        [LabelledExample(ids: sequence.ids, typeIDs: sequence.typeIDs, target: nil)],
        task: task.task, labels: task.labels, source: "--text")
      return (set, nil)
    }
    var columns = dataOptions.columns.filled(from: task.columns)
    columns.label = nil
    let rows = try LocatedData.rows(data, split: splitOption.split)
    // Lines have no columns but their text.
    if DataFormat(of: rows.files[0]) == .txt, dataOptions.textColumn.isEmpty {
      columns.texts = ["text"]
    }
    let table = try DataTable(of: rows, isHeader: columns.isHeader)
    let set = try LabelledSet(
      LabelledRows(table, columns: columns, task: task.task, requiresLabels: false),
      labels: task.labels, encoder: encoder)
    Console.write("\(set.source): \(set.counts)")
    LostText.warn(set.counts.lost, in: set.source)
    return (set, table)
  }
}
