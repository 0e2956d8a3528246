import ArgumentParser
import Foundation
import LowRank
import LowRankSessions

/// When a verb needs `--data`, as its help says it.
protocol DataWording {
  static var need: String { get }
}

/// `--data` is needed.
enum DataRequired: DataWording { static let need = " (required)" }
/// `--data` or `--train-file` is needed.
enum DataOrTrainFile: DataWording { static let need = " (required, or --train-file)" }
/// `--data` or `--text` is needed.
enum DataOrText: DataWording { static let need = " (required, or --text)" }
/// `--data` is needed where something is measured.
enum DataIfGiven: DataWording { static let need = "" }

/// The flags that say what is trained or evaluated on.
struct DataOptions<Wording: DataWording>: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A folder with train, valid and test files, one file (.jsonl .json .csv .tsv .txt .parquet; texts also .gz and .zst), or a dataset on the hub, owner/name[@revision][:config].\(Wording.need)",
      valueName: "path"), completion: .data)
  var data: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The column of the text, by name or number; two for pairs of texts. (default: found by its name)",
      valueName: "name"))
  var textColumn: [String] = []

  @Option(
    help: ArgumentHelp(
      "The column of labels. (default: found by its name)",
      valueName: "name"))
  var labelColumn: String?

  @Option(
    help: ArgumentHelp(
      "The column of prompts. (default: as the adapter was trained, else found by its name)",
      valueName: "name"))
  var promptColumn: String?

  @Option(
    help: ArgumentHelp(
      "The column of completions, whose tokens are trained. (default: as the adapter was trained, else found by its name)",
      valueName: "name"))
  var completionColumn: String?

  @Option(
    help: ArgumentHelp(
      "A prompt made of several columns: a text with their names in braces, as 'Q: {question}\\nA:'; {{ and }} stand for braces. (default: as the adapter was trained, else the column of prompts)",
      valueName: "text"))
  var promptTemplate: String?

  @Option(
    help: ArgumentHelp(
      "The text between prompt and completion. (default: as the adapter was trained, else none)",
      valueName: "text"))
  var separator: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The most tokens of a row; longer rows are truncated and counted. (default: as the adapter was trained, else 2048, or the model's positions if fewer)",
      valueName: "n"))
  var maxSeqLength: Int?

  @Option(
    help: ArgumentHelp(
      "What is trained of conversations: assistant, all turns of the assistant; or last, its last turn. all trains every token of all rows, prompts too. (default: assistant)",
      valueName: "what"), completion: .list(["assistant", "last", "all"]))
  var trainOn: String?

  @OptionGroup var template: TemplateOptions

  /// What these flags say.
  var settings: DataSettings {
    var settings = DataSettings(data, chatTemplate: template.settings)
    settings.textColumn = textColumn
    settings.labelColumn = labelColumn
    settings.promptColumn = promptColumn
    settings.completionColumn = completionColumn
    settings.promptTemplate = promptTemplate
    settings.separator = separator
    settings.maxSequenceLength = maxSeqLength
    settings.trainOn = trainOn
    return settings
  }
}
