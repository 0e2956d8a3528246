import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// `lowrank data check`: what training would make of a data folder.
struct DataCheckVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Show what training would make of data: counts, lengths, and tokens one by one.",
    discussion: """
      Needs the model's config.json, tokenizer and chat template, not its weights. Counts the rows that would stop a run and \
      names the first of them. Trained tokens are in [brackets], or in color on a terminal; │ stands between the others. \
      The exit code is 1 if training would fail.

      EXAMPLES:
        lowrank data check --model models/smollm --data data/chat
        lowrank data check --model models/smollm --data data/chat --train-on last --row 17
        lowrank data check --model models/smollm --data data/pairs --objective dpo
        lowrank data check --model models/vit --data data/pets --task image-classification
        lowrank data check --model models/gpt2 --data data/chat --chat-template chatml --add-tokens
      """)

  @Option(
    help: ArgumentHelp("The model: a folder, or a name on the hub. (required)", valueName: "model"),
    completion: .model)
  var model: String?

  @Option(
    help: ArgumentHelp(
      "An adapter, whose task and chat template are used: a folder, or a name on the hub.",
      valueName: "adapter"), completion: .adapter)
  var adapter: String?

  @OptionGroup(title: "Data") var dataOptions: DataOptions<DataOrTrainFile>
  @OptionGroup(title: "Data") var splitOptions: SplitOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The seed of --valid-share, as train has it.", valueName: "n"))
  var seed: Int = 0

  @OptionGroup var tokenOptions: TokenOptions

  @Option(
    help: ArgumentHelp(
      "causal, classification, regression, multilabel or image-classification. (default: the adapter's, else causal)",
      valueName: "task"), completion: .task)
  var task: String?

  @OptionGroup var objectiveOption: ObjectiveOption

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many rows are shown token by token. (default: 3)", valueName: "n"))
  var rows: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Show this line of the file to train on instead, counted from 1.", valueName: "n"))
  var row: Int?

  @OptionGroup var results: ResultOptions

  func run() throws {
    guard let model else { throw UsageError("--model DIR is missing") }
    guard rows == nil || row == nil else {
      throw UsageError("--rows contradicts --row, which shows one")
    }
    guard (0...1000).contains(rows ?? 0) else {
      throw UsageError("--rows is \(rows ?? 0), expected 0 to 1000")
    }
    let checker = try DataChecker(self, model: Located.model(model))
    let files = try LocatedData.files(
      dataOptions.data, splitOptions.settings, reading: SplitRole.allCases, announces: false,
      ofImages: checker.isOfImages)
    let share = try splitOptions.settings.share(of: files, seed: UInt64(bitPattern: Int64(seed)))
    let viewed = row.map { ViewedRows.number($0) } ?? .first(rows ?? 3)
    let check = try checker.check(files, viewed, share)
    let first = check.files[0]
    if let row, checker.isOfImages {
      throw UsageError("--row \(row) has no effect: images have no tokens to show")
    }
    if let row, first.views.isEmpty {
      throw UsageError(
        "--row \(row): \(first.file) has no \(first.unit) of that number with a token")
    }
    try results.json ? Console.result(check.json) : DataCheckText(check).write()
    guard check.errors.isEmpty else { throw ExitCode(1) }
  }
}

/// Reads files as a run would, by the flags.
private struct DataChecker {
  private enum Kind {
    case texts(ExampleEncoder, ends: Set<Int32>, kept: JSONObject?)
    case preferences(PreferenceObjective, ExampleEncoder, ends: Set<Int32>, kept: JSONObject?)
    case labels(LabelledEncoder, TrainingTask, ColumnChoice, LabelMap?, counts: [Int])
  }
  private let kind: Kind
  private let names: TokenNames
  /// Whether rows are images.
  let isOfImages: Bool
  private let options: DataSettings
  /// Tokens that are added as a run would add them; their files are read while the check lasts.
  private let added: AddedTokens?

  init(_ flags: DataCheckVerb, model: URL) throws {
    options = flags.dataOptions.settings
    let kept = try flags.adapter.flatMap { try AdapterFolder.task(at: Located.adapter($0)) }
    let trained = try kept.flatMap { json in
      try json["task"].map { _ in try LabelledTask(JSONSection(json, of: "the adapter's task")) }
    }
    let task = try flags.task.map { try RunSettings.task($0) } ?? trained?.task ?? .causal
    var wanted = ObjectiveSettings()
    wanted.objective = flags.objectiveOption.objective
    let objective = try wanted.parsed()
    if let objective {
      guard task == .causal else {
        throw UsageError("--objective contradicts --task \(task.rawValue)")
      }
      try options.requirePreferences(objective)
    }
    let config = try ModelFolder.config(at: model)
    let architecture = try Architectures.described(by: config)
    try RunSettings.checkModality(of: config, task)
    isOfImages = task == .imageClassification
    added =
      try task == .causal ? flags.tokenOptions.settings.extending(model, options.chatTemplate) : nil
    guard task == .causal || flags.tokenOptions.addTokens == nil else {
      throw UsageError("--add-tokens has no effect with --task \(task.rawValue)")
    }
    let folder = flags.adapter.flatMap { try? AdapterFolder(at: Located.adapter($0)) }
    let own = task == .causal ? folder.flatMap { $0.hasTokenizer ? $0.url : nil } : nil
    let place = added?.folder.url ?? own
    let tokenizer = try isOfImages ? nil : Tokenizer(model: place ?? model)
    names = tokenizer.map { TokenNames($0) } ?? TokenNames(special: []) { _ in nil }
    if task == .causal, let tokenizer {
      var encoder = try options.encoder(
        in: model, tokenizer: place, architecture, adapter: flags.adapter)
      if place != nil {
        // The model grows with the tokens that were added.
        encoder.vocabularySize = max(architecture.vocabularySize, tokenizer.vocabularySize)
      }
      let end = try EndOfSequence(inModelFolder: model, tokenizer: place) { tokenizer.id(of: $0) }
      let turnEnd = encoder.chat?.turnEnd
      let ends = end.stops.union(turnEnd.map { [$0] } ?? [])
      kind =
        objective.map { .preferences($0, encoder, ends: ends, kept: kept) }
        ?? .texts(encoder, ends: ends, kept: kept)
    } else {
      let known = trained?.task == task ? trained : nil
      let encoder = try options.labelledEncoder(
        in: model, architecture, trained: known?.maxLength)
      kind = .labels(
        encoder, task, options.columns.filled(from: known?.columns ?? ColumnChoice()),
        known?.labels, counts: try KnownHeads.counts(model: flags.model, adapter: nil))
    }
  }

  /// Checks the files of a data set; errors in a `test` file, which training does not use, do not fail the check.
  ///
  /// - Parameter share: the share of the training rows to evaluate on; nil for none.
  func check(
    _ files: DataFiles, _ viewed: ViewedRows, _ share: ValidShare?
  ) throws -> DataCheck {
    var checks: [FileCheck] = []
    var notes = (files.warning.map { [$0] } ?? []) + files.remarks
    func add(_ check: FileCheck, isUsed: Bool = true) {
      var check = check
      check.isUsed = isUsed
      checks.append(check)
    }
    switch kind {
    case .texts(let encoder, let ends, let kept):
      func check(
        _ split: DataSplit, _ viewed: ViewedRows, _ kept: JSONObject?
      ) throws -> FileCheck {
        let check = try FileCheck(
          of: split, encoder: encoder, columns: options.textColumns(keptIn: kept), ends: ends,
          names: names, viewing: viewed)
        if !check.holdsConversations { try options.refuseSettingsOfConversations(check.file) }
        return check
      }
      add(try check(files.train, viewed, kept))
      if checks[0].holdsConversations, let chat = encoder.chat,
        let warning = try TemplateSettings.splitMarks(
          of: chat.renderer, by: encoder.encoder, isTrained: true)
      {
        notes.append("\(warning)")
      }
      let columns = checks[0].textColumns.json ?? kept
      if let valid = files.valid { add(try check(valid, .first(0), columns)) }
      if let test = files.test {
        do { add(try check(test, .first(0), columns), isUsed: false) } catch {
          notes.append("\(error); training does not use the file")
        }
      }
    case .preferences(let objective, let encoder, let ends, let kept):
      func check(_ split: DataSplit, _ viewed: ViewedRows) throws -> FileCheck {
        let check = try FileCheck(
          preferencesOf: split, encoder: encoder, isPaired: objective.isPaired,
          columns: options.preferenceColumns(keptIn: kept), label: options.labelColumn,
          ends: ends, names: names, viewing: viewed)
        if !check.holdsConversations { try options.refuseSettingsOfConversations(check.file) }
        return check
      }
      add(try check(files.train, viewed))
      if let valid = files.valid { add(try check(valid, .first(0))) }
      if let test = files.test {
        do { add(try check(test, .first(0)), isUsed: false) } catch {
          notes.append("\(error); training does not use the file")
        }
      }
    case .labels(let encoder, let task, let columns, let known, let counts):
      let source = try LabelledFiles(
        files, columns: columns, task: task, labels: known, counts: counts,
        collectsRefusals: true)
      func check(_ rows: LabelledRows, _ viewed: ViewedRows) throws -> FileCheck {
        try FileCheck(
          rows, labels: source.labels, encoder: encoder, names: names,
          viewing: isOfImages ? .first(0) : viewed)
      }
      add(try check(source.train, viewed))
      checks[0].remarks += source.remarks
      checks[0].problem = source.labelProblem
      if let valid = source.valid { add(try check(valid, .first(0))) }
      if let test = source.test { add(try check(test, .first(0)), isUsed: false) }
      if let problem = source.testProblem {
        notes.append("\(problem); training does not use the file")
      }
    }
    if let share, checks[0].refused == 0, checks[0].kept > 0 {
      let parts = try checks[0].divided(by: share)
      checks.replaceSubrange(0...0, with: [parts.train, parts.valid])
    }
    return DataCheck(checks, notes: notes)
  }
}
