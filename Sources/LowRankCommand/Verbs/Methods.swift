import ArgumentParser
import LowRank
import LowRankCheckpoints
import LowRankConsole

/// `lowrank methods`: what a run may choose from.
struct Methods: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the methods of low-rank adaptation, or show one.",
    discussion: """
      A run of train makes four choices: --method, --init, --ranks and --optimizer.

      EXAMPLES:
        lowrank methods
        lowrank methods dora
      """)

  @Argument(
    help: "A method, to show its equation, source, options and tested properties.",
    completion: .list(MethodCatalogue.axes.flatMap { $0.cards.map(\.name) }))
  var name: String?

  @OptionGroup var results: ResultOptions

  @Flag(help: ArgumentHelp("Print Documentation/Methods.md.", visibility: .hidden))
  var page = false

  func run() throws {
    if page { return try Console.result(MethodPage.text, terminator: "") }
    if let name, MethodCatalogue.cards(named: name).isEmpty {
      let names = MethodCatalogue.axes.flatMap { $0.cards.map(\.name) }
      let hint = suggestion(for: name, among: names)
      throw UsageError(
        """
        there is no method "\(name)"\(hint.isEmpty ? ";" : hint) lowrank methods lists all \(names.count): \
        \(names.prefix(4).joined(separator: ", ")), …
        """)
    }
    guard !results.json else { return try Console.result(MethodCatalogue.json(named: name)) }
    let columns = Terminal.resultColumns
    guard let name else { return try Console.result(Self.list(within: columns)) }
    try Console.result(
      MethodCatalogue.cards(named: name).map { Self.card($0.card, $0.axis, within: columns) }
        .joined(separator: "\n\n"))
  }

  /// The methods in tables; where these do not fit, the sentences stand below the names.
  private static func list(within columns: Int?) -> String {
    MethodCatalogue.axes.map { axis, cards in
      let question = "\(axis.question) \(axis.setting)".wrapped(to: columns)
      let rows = cards.map { ["  " + $0.name, $0.title, $0.useWhen] }
      let table = TextTable(rows: rows, within: nil).text
      let isWide = columns.map { columns in
        table.split(separator: "\n").contains { displayWidth(String($0)) > columns }
      }
      guard isWide == true else { return question + "\n" + table }
      let entries = cards.map { card in
        "  \(card.name): \(card.title). \(card.useWhen)".wrapped(to: columns, indent: 4)
      }
      return question + "\n" + entries.joined(separator: "\n")
    }.joined(separator: "\n\n")
  }

  private static func card(_ card: MethodCard, _ axis: MethodAxis, within columns: Int?) -> String {
    var lines = [
      "\(card.title): \(axis.setting) \(card.name)", "  \(card.equation)",
      "  \(card.mechanism) \(card.useWhen)", "  Source: \(card.citation)",
    ]
    if let size = card.parameters { lines.append("  Trained parameters: \(size.formula)") }
    if let type = card.peftType { lines.append("  In PEFT: \(type)") }
    for option in card.options {
      lines.append(
        "  \(option.name)=\(option.standardText): \(option.help) (\(option.expected))"
      )
    }
    let laws = Law.allCases.filter(card.laws.contains).map(\.rawValue)
    if !laws.isEmpty { lines.append("  Tested properties: \(laws.joined(separator: "; "))") }
    return lines.map { $0.wrapped(to: columns, indent: 4) }.joined(separator: "\n")
  }
}
