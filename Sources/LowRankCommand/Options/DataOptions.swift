import ArgumentParser
import Foundation
import LowRank

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
      "The most tokens of a row; longer rows are truncated and counted. (default: 2048, or the model's positions if fewer)",
      valueName: "n"))
  var maxSeqLength: Int?

  @Option(
    help: ArgumentHelp(
      "The turns of conversations that are trained: assistant, all turns of the assistant; or last, its last turn. (default: assistant)",
      valueName: "turns"), completion: .list(["assistant", "last"]))
  var trainOn: String?

  @OptionGroup var template: TemplateOptions

  /// Where texts and labels stand, as far as it is given.
  var columns: ColumnChoice { ColumnChoice(texts: textColumn, label: labelColumn) }

  /// The columns of texts, or of prompts and completions.
  ///
  /// - Parameter kept: what the adapter's folder stores, which applies without a flag if the file has those columns.
  func textColumns(keptIn kept: JSONObject? = nil) throws -> TextColumns {
    if labelColumn != nil {
      throw UsageError(
        "--label-column is for --task classification, regression or multilabel")
    }
    guard textColumn.count <= 1 else {
      throw UsageError(
        "--text-column names \(textColumn.count) columns, expected one: pairs are for --task; prompts are named with --prompt-column"
      )
    }
    let given = TextColumns(
      text: textColumn.first, prompt: promptColumn, completion: completionColumn,
      template: try parsedTemplate)
    guard given.template == nil || given.prompt == nil else {
      throw UsageError(
        "--prompt-template contradicts --prompt-column: the template names the columns itself")
    }
    if given.text == nil, given.template == nil, !given.isEmpty,
      given.prompt ?? "prompt" == given.completion ?? "completion"
    {
      throw UsageError(
        "the prompt and the completion are both \"\(given.prompt ?? "prompt")\": give two columns with --prompt-column and --completion-column"
      )
    }
    if let template = given.template, let completion = given.completion,
      template.columns.contains(completion)
    {
      throw UsageError(
        "--prompt-template has the completion, {\(completion)}, in the prompt: name another column with --completion-column"
      )
    }
    let others = [
      ("--prompt-column", promptColumn), ("--completion-column", completionColumn),
      ("--prompt-template", promptTemplate),
    ]
    guard given.text == nil || others.allSatisfy({ $0.1 == nil }) else {
      let other = others.first { $0.1 != nil }?.0 ?? ""
      throw UsageError(
        "--text-column contradicts \(other): a row is a text, or a prompt and its completion")
    }
    guard given.isEmpty, let kept else { return given }
    return TextColumns(kept: kept)
  }

  /// The template of prompts, with `\n` and `\t` as line ends and tabs.
  private var parsedTemplate: PromptTemplate? {
    get throws { try promptTemplate.map { try PromptTemplate(flag: $0) } }
  }

  /// What the adapter's folder stores about its data; nil if it stores nothing, or if there is no adapter.
  func kept(beside adapter: String?) throws -> JSONObject? {
    guard let adapter else { return nil }
    return try? AdapterFolder.task(at: Located.adapter(adapter))
  }

  /// How rows become sequences for a classifier.
  ///
  /// - Parameter trained: the most tokens that training took of a row.
  func labelledEncoder(for model: Model, trained: Int? = nil) throws -> LabelledEncoder {
    guard let folder = model.folder else { throw UsageError("--model DIR is missing") }
    return try labelledEncoder(in: folder.url, model.architecture, trained: trained)
  }

  /// How rows become sequences for the classifier in a folder.
  func labelledEncoder(
    in folder: URL, _ architecture: any Architecture, trained: Int? = nil
  ) throws -> LabelledEncoder {
    guard separator?.isEmpty ?? true else {
      throw UsageError(
        "--separator has no effect here: the tokenizer separates the two texts of a pair")
    }
    for (flag, value) in [("--train-on", trainOn), ("--chat-template", template.chatTemplate)]
    where value != nil {
      throw UsageError("\(flag) has no effect here: rows with labels are no conversations")
    }
    for (flag, value) in [
      ("--prompt-column", promptColumn), ("--completion-column", completionColumn),
      ("--prompt-template", promptTemplate),
    ] where value != nil {
      throw UsageError("\(flag) has no effect here: texts are named with --text-column")
    }
    return LabelledEncoder(
      try Tokenizer(model: folder), maxLength: try length(for: architecture, default: trained),
      vocabularySize: architecture.vocabularySize)
  }

  /// The most tokens of a row.
  private func length(
    for architecture: any Architecture, default given: Int? = nil
  ) throws -> Int {
    let length = maxSeqLength ?? given ?? min(architecture.positions, 2048)
    if let limit = architecture.positionLimit, length > limit {
      throw UsageError(
        "--max-seq-length is \(length), expected at most the model's \(limit) positions")
    }
    try Bounds.check(length, "--max-seq-length", from: 2, to: Bounds.steps)
    return length
  }

  /// How rows become examples for a model.
  ///
  /// - Parameters:
  ///   - adapter: the folder of an adapter, whose chat template is preferred to the model's.
  ///   - beginsRun: whether a run begins with the adapter, which then brings no separator.
  func encoder(
    for model: Model, adapter: String? = nil, beginsRun: Bool = false
  ) throws -> ExampleEncoder {
    guard let folder = model.folder else { throw UsageError("--model DIR is missing") }
    return try encoder(
      in: folder.url, tokenizer: model.tokenizerFolder, model.architecture, adapter: adapter,
      beginsRun: beginsRun)
  }

  /// How rows become examples for the model in a folder.
  ///
  /// - Parameter tokenizerFolder: the folder of the tokenizer, if it is not the model's own.
  func encoder(
    in folder: URL, tokenizer tokenizerFolder: URL? = nil, _ architecture: any Architecture,
    adapter: String? = nil, beginsRun: Bool = false
  ) throws -> ExampleEncoder {
    let kept = try beginsRun ? nil : kept(beside: adapter)?["separator"]?.string
    let tokenizer = try Tokenizer(model: tokenizerFolder ?? folder)
    let end = try EndOfSequence(inModelFolder: folder, tokenizer: tokenizerFolder) {
      tokenizer.id(of: $0)
    }
    return ExampleEncoder(
      tokenizer, endOfSequence: end.id, maxLength: try length(for: architecture),
      separator: separator?.unescaped ?? kept ?? "",
      vocabularySize: architecture.vocabularySize,
      chat: try template.chat(
        in: folder, adapter: adapter, tokenizer, end, learns: try trainedTurns))
  }

  /// Reads the examples of a split and reports what became of its rows.
  ///
  /// - Parameter kept: what the adapter's folder stores, which includes the columns.
  func examples(
    _ split: DataSplit, _ encoder: ExampleEncoder, keptIn kept: JSONObject? = nil
  ) throws -> ExampleSet {
    let set = try ExampleSet(of: split, encoder: encoder, columns: textColumns(keptIn: kept))
    Console.write("\(set.source): \(set.counts)")
    LostText.warn(set.counts.lost, in: set.source)
    for remark in set.remarks { Console.write("note: \(remark)") }
    if !set.holdsConversations { try refuseFlagsOfConversations(set.source) }
    return set
  }

  /// Refuses flags that mean nothing to a file without conversations.
  func refuseFlagsOfConversations(_ source: String) throws {
    for (flag, value) in [("--train-on", trainOn), ("--chat-template", template.chatTemplate)]
    where value != nil {
      throw UsageError("\(flag) has no effect: \(source) holds no conversations")
    }
  }

  /// The turns of conversations that are trained.
  private var trainedTurns: TrainedTurns {
    get throws {
      guard let trainOn else { return .assistant }
      guard let turns = TrainedTurns(rawValue: trainOn) else {
        throw UsageError.value(trainOn, of: "--train-on", expected: ["assistant", "last"])
      }
      return turns
    }
  }
}

extension String {
  /// The text of a flag with `\n` and `\t` replaced by what they stand for.
  var unescaped: String { replacing("\\n", with: "\n").replacing("\\t", with: "\t") }
}

extension PromptTemplate {
  /// Reads the text of `--prompt-template`.
  ///
  /// - Throws: `UsageError` where it is no template.
  init(flag text: String) throws {
    do { try self.init(text.unescaped) } catch {
      throw UsageError("--prompt-template is \"\(text)\": \(error)")
    }
  }
}
