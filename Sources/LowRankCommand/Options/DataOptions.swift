import ArgumentParser
import Foundation
import LowRank

/// The flags that say what is trained or evaluated on.
struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A folder with train, valid and test files (.jsonl .json .csv .tsv .txt), or one file. (train, pretrain, evaluate: required)",
      valueName: "path"))
  var data: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The column of the text, by name or number; two for pairs. (default: text, or prompt and completion; to classify, as the header says)",
      valueName: "name"))
  var textColumn: [String] = []

  @Option(
    help: ArgumentHelp(
      "The column of what is to be said of a text. (default: as the header says)",
      valueName: "name"))
  var labelColumn: String?

  @Option(
    help: ArgumentHelp(
      "What stands between prompt and completion. (default: nothing)", valueName: "text"))
  var separator: String = ""

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The most tokens of a row: longer ones are cut, and it is said how many. (default: 2048, or the model's positions if fewer)",
      valueName: "n"))
  var maxSeqLength: Int?

  /// Where texts and labels stand, as far as it is given.
  var columns: ColumnChoice { ColumnChoice(texts: textColumn, label: labelColumn) }

  /// The one column of texts that are continued.
  var singleTextColumn: String? {
    get throws {
      if labelColumn != nil {
        throw UsageError(
          "--label-column is for --task classification, regression or multilabel")
      }
      guard textColumn.count <= 1 else {
        throw UsageError(
          "--text-column names \(textColumn.count) columns, expected one: pairs are for --task")
      }
      return textColumn.first
    }
  }

  /// How rows become sequences for a classifier.
  ///
  /// - Parameter trained: the most tokens that training took of a row.
  func labelledEncoder(for model: Model, trained: Int? = nil) throws -> LabelledEncoder {
    guard separator.isEmpty else {
      throw UsageError("--separator has no effect here: the tokenizer tells two texts apart")
    }
    return LabelledEncoder(
      try model.tokenizer, maxLength: try length(for: model, default: trained),
      vocabularySize: model.architecture.vocabularySize)
  }

  /// The most tokens of a row.
  private func length(for model: Model, default given: Int? = nil) throws -> Int {
    let architecture = model.architecture
    let length = maxSeqLength ?? given ?? min(architecture.positions, 2048)
    if let limit = architecture.positionLimit, length > limit {
      throw UsageError(
        "--max-seq-length is \(length), expected at most the model's \(limit) positions")
    }
    try Bounds.check(length, "--max-seq-length", from: 2, to: Bounds.steps)
    return length
  }

  /// How rows become examples for a model.
  func encoder(for model: Model) throws -> ExampleEncoder {
    let tokenizer = try model.tokenizer
    guard let folder = model.folder else { throw UsageError("--model DIR is missing") }
    let end = try EndOfSequence(inModelFolder: folder.url) { tokenizer.id(of: $0) }
    return ExampleEncoder(
      tokenizer, endOfSequence: end.id, maxLength: try length(for: model),
      separator: separator.replacing("\\n", with: "\n").replacing("\\t", with: "\t"),
      vocabularySize: model.architecture.vocabularySize)
  }

  /// Says what became of the rows of a set.
  static func announce(_ set: ExampleSet) { Console.write("\(set.source): \(set.counts)") }
}
