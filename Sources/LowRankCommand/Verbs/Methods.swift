import ArgumentParser
import LowRank

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
    help: "A method, to show its equation, source, options and laws.",
    completion: .list(MethodCatalogue.axes.flatMap { $0.cards.map(\.name) }))
  var name: String?

  @Flag(help: "Print one JSON object on standard output.")
  var json = false

  @Flag(help: ArgumentHelp("Print Documentation/Methods.md.", visibility: .hidden))
  var page = false

  @OptionGroup var console: ConsoleOptions

  func run() throws {
    if page { return try Console.result(MethodPage.text, terminator: "") }
    if let name, MethodCatalogue.cards(named: name).isEmpty {
      let names = MethodCatalogue.axes.flatMap { $0.cards.map(\.name) }
      throw UsageError.value(name, of: "the method", expected: names)
    }
    guard !json else { return try Console.result(MethodCatalogue.json(named: name)) }
    guard let name else { return try Console.result(Self.list) }
    try Console.result(
      MethodCatalogue.cards(named: name).map { Self.card($0.card, $0.axis) }
        .joined(separator: "\n\n"))
  }

  private static var list: String {
    MethodCatalogue.axes.map { axis, cards in
      let rows = cards.map { ["  " + $0.name, $0.title, $0.useWhen] }
      return "\(axis.question) \(axis.flag)\n" + TextTable(rows: rows).text
    }.joined(separator: "\n\n")
  }

  private static func card(_ card: MethodCard, _ axis: MethodAxis) -> String {
    var lines = [
      "\(card.title): \(axis.flag) \(card.name)", "  \(card.equation)",
      "  \(card.mechanism) \(card.useWhen)", "  Source: \(card.citation)",
    ]
    if let size = card.parameters { lines.append("  Trained parameters: \(size.formula)") }
    if let type = card.peftType { lines.append("  In PEFT: \(type)") }
    for option in card.options {
      lines.append(
        "  \(option.name)=\(option.standard.string ?? option.standard.text()): \(option.help) (\(option.expected))"
      )
    }
    let laws = Law.allCases.filter(card.laws.contains).map(\.rawValue)
    if !laws.isEmpty { lines.append("  Laws: \(laws.joined(separator: "; "))") }
    return lines.joined(separator: "\n")
  }
}
