import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// `lowrank predict`: what a classifier says of each row of a file, or of each image of a folder.
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Classify each row of a file, a text, or images.",
    discussion: """
      Writes each row's columns and its label: a class with its probability, all labels whose probability is above \
      --threshold, or a number. Rows keep their order. The output is JSON lines, or a table if its name ends in .csv or .tsv. If a \
      column of the input has the name of one of the output, it gets the prefix input_. Task, columns and classes are read \
      from the adapter's folder; a column of labels is copied and not used. On standard output, each row is a JSON object on a \
      line of its own, with and without --json; with --output and --json, one object says how many rows were \
      written to which file.
      With a model of images, --data is an image, a folder of images, or a table with file_name.

      EXAMPLES:
        lowrank predict --model models/minilm --adapter sst2 --data test.tsv --output said.csv
        lowrank predict --model models/minilm --adapter sst2 --data test.tsv --output said.jsonl --top-k 3
        lowrank predict --model models/minilm --adapter sst2 --text "a fine film"
        lowrank predict --model models/vit --adapter pets --data photos --output said.csv
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
    let encoder = try dataOptions.settings.labelledEncoder(
      for: adapted.model, trained: task.maxLength)
    let (set, table) = try adapted.readsImages ? images(task, encoder) : rows(task, encoder)
    let layout = try PredictionLayout(
      PredictionFormat(of: place?.url), task, predictionOptions, copying: table)
    for (name, written) in layout.renamed {
      Console.write(
        "note: the column \"\(name)\" of the input is written as \"\(written)\"".printable)
    }
    try lineOptions.write(to: place, noun: "rows", json: options.results.json) { write in
      let work = Work("predicting \(set.source)", of: set.count)
      defer { work.end() }
      var row = 0
      if let header = layout.header { try write(header) }
      for batch in SequentialBatches(set, batchSize: lineOptions.batchSize) {
        let all = batch.logits(of: adapted.model, adapted.selection)
        try set.checkRead()
        for logits in all {
          guard logits.allSatisfy(\.isFinite) else {
            throw options.nonFinite("an output of the classifier is not finite", of: adapted)
          }
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

  /// The images, with the table of their names.
  private func images(
    _ task: LabelledTask, _ encoder: LabelledEncoder
  ) throws -> (set: LabelledSet, table: DataTable?) {
    guard let data = dataOptions.data else {
      throw UsageError("--text has no effect: the model reads images, which --data names")
    }
    var columns = dataOptions.settings.columns.filled(from: task.columns)
    columns.label = nil
    let images = try ImageTable(
      of: LocatedData.rows(data, split: splitOption.split, ofImages: true), columns: columns,
      isLabelled: false)
    let set = try LabelledSet(
      LabelledRows(images, columns: columns, requiresLabels: false), labels: task.labels,
      encoder: encoder)
    set.announce(at: encoder.maxLength)
    return (set, images.table)
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
    var columns = dataOptions.settings.columns.filled(from: task.columns)
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
    set.announce(at: encoder.maxLength)
    return (set, table)
  }
}
