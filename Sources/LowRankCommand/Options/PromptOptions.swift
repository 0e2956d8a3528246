import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// The flags that say where the prompts of a file are.
struct PromptOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A file of prompts: one on each line of a .txt file, or a column of any other data file.",
      valueName: "file"),
    completion: .data)
  var promptFile: String?

  @Option(
    help: ArgumentHelp(
      "The column of prompts in --prompt-file. (default: as the adapter was trained, else by its name: prompt, instruction, question, mr, text and others that train knows)",
      valueName: "name"))
  var promptColumn: String?

  @Option(
    help: ArgumentHelp(
      "A prompt made of several columns of --prompt-file, as 'Q: {question}\\nA:'. (default: as the adapter was trained)",
      valueName: "text"))
  var promptTemplate: String?

  /// Refuses flags that contradict each other or have no effect.
  func check() throws {
    guard promptColumn == nil || promptTemplate == nil else {
      throw UsageError(
        "--prompt-template contradicts --prompt-column: the template names the columns itself")
    }
    for (flag, value) in [
      ("--prompt-column", promptColumn), ("--prompt-template", promptTemplate),
    ] where value != nil && promptFile == nil {
      throw UsageError("\(flag) has no effect without --prompt-file")
    }
  }

  /// The prompts of the file; none if there is no file.
  ///
  /// - Parameter kept: what the adapter's folder stores about its data.
  func prompts(keptIn kept: JSONObject?) throws -> [String] {
    guard let promptFile else { return [] }
    let table = try DataTable(at: URL(filePath: promptFile))
    let kept = kept.map { TextColumns(kept: $0) } ?? TextColumns()
    let first = table.rows.first?.fields ?? [:]
    var template = try promptTemplate.map { try PromptTemplate(setting: $0) }
    if template == nil, promptColumn == nil, let trained = kept.template,
      trained.columns.allSatisfy({ first[$0] != nil })
    {
      template = trained
    }
    if let template {
      return try table.rows.map { row in try template.prompt { try table.string($0, of: row) } }
    }
    // The adapter was trained on prompts from that column.
    let trained = kept.prompt.flatMap { first[$0] == nil ? nil : $0 }
    if let column = promptColumn ?? trained {
      return try table.rows.map { try table.string(column, of: $0) }
    }
    let usual = try UsualPrompts(in: table)
    if !["prompt", "text"].contains(usual.column) {
      let input = usual.input.map { ", with \"\($0)\" on the next line" } ?? ""
      Console.write("note: \(table.file): the prompts are \"\(usual.column)\"\(input)".printable)
    }
    return try table.rows.map { try usual.prompt(of: $0, in: table) }
  }
}
