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
    help: ArgumentHelp(
      "The column of the text. (default: text, or prompt and completion)", valueName: "name"))
  var textColumn: String?

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

  /// How rows become examples for a model.
  func encoder(for model: Model) throws -> ExampleEncoder {
    let tokenizer = try model.tokenizer
    guard let folder = model.folder else { throw UsageError("--model DIR is missing") }
    let end = try EndOfSequence(inModelFolder: folder.url) { tokenizer.id(of: $0) }
    let architecture = model.architecture
    let length = maxSeqLength ?? min(architecture.positions, 2048)
    if let limit = architecture.positionLimit, length > limit {
      throw UsageError(
        "--max-seq-length is \(length), expected at most the model's \(limit) positions")
    }
    try Bounds.check(length, "--max-seq-length", from: 2, to: Bounds.steps)
    return ExampleEncoder(
      tokenizer, endOfSequence: end.id, maxLength: length,
      separator: separator.replacing("\\n", with: "\n").replacing("\\t", with: "\t"),
      vocabularySize: architecture.vocabularySize)
  }

  /// Says what became of the rows of a set.
  static func announce(_ set: ExampleSet) { Console.write("\(set.source): \(set.counts)") }
}
