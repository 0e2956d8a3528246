import LowRankAdapters
import LowRankCheckpoints

/// `Documentation/Methods.md`, made from the cards.
public enum MethodPage {
  /// The page.
  public static var text: String {
    (["# Methods", introduction] + MethodCatalogue.axes.flatMap(section) + [curves])
      .joined(separator: "\n\n") + "\n"
  }

  // Computed each time: `MethodRegistries.added` belongs to a task.
  private static var introduction: String {
    """
    A run makes four choices, each independent of the others. A choice is `NAME` or `NAME:option=value,option=value`; in YAML \
    it is a name, or a mapping such as `init: {name: pissa, niter: 4}`. `lowrank methods` lists all methods, \
    `lowrank methods NAME` shows one, and `--json` prints either as JSON. W is a weight with m outputs and n inputs, r the \
    rank, A `[r, n]` and B `[m, r]` the factors, s their scale, and L the number of adapted maps.

    This page is made from the cards of the methods by `lowrank methods --page`.

    | choice | flag | YAML | methods |
    |---|---|---|---|
    \(MethodCatalogue.axes.map(row).joined(separator: "\n"))
    """
  }

  /// Of runs that the repository has: the program cannot draw them.
  private static let curves = """
    ## Loss curves

    Gemma 3 270M on E2E, 200 steps of 4 rows: three architectures and, for plain LoRA, four starts. All have about the same number \
    of trained parameters, and each has the best of four learning rates. `make evidence PLANS=gemma-curves` trains them again; \
    [Evidence](Evidence.md) has the figures.

    ![Validation loss by step](Images/gemma-curves.svg)
    """

  /// The page is about the command line.
  private static func flag(_ axis: MethodAxis) -> String { "--" + axis.key }

  private static func row(_ axis: MethodAxis, _ cards: [MethodCard]) -> String {
    let names = cards.enumerated().map { "`\($1.name)`" + ($0 == 0 ? " (default)" : "") }
    return
      "| \(axis.question) | `\(flag(axis))` | `\(axis.key)` | \(names.joined(separator: ", ")) |"
  }

  private static func section(_ axis: MethodAxis, _ cards: [MethodCard]) -> [String] {
    ["## \(axis.title)", "\(axis.question) `\(flag(axis))`"] + cards.flatMap { entry($0, axis) }
  }

  private static func entry(_ card: MethodCard, _ axis: MethodAxis) -> [String] {
    var facts = [
      "`\(flag(axis)) \(card.name)`", "`\(card.equation)`", "\(card.mechanism) \(card.useWhen)",
      "- Source: \(card.citation).",
    ]
    if let size = card.parameters { facts[3] += "\n- Trained parameters: \(size.formula)." }
    if let type = card.peftType { facts[3] += "\n- In PEFT: \(peftName(type, axis))." }
    guard !card.options.isEmpty else { return ["### \(card.title)"] + facts }
    let options = card.options.map { option in
      "| `\(option.name)` | \(option.expected) | \(option.standardText) | \(option.help)"
        + (option.peftKey.map { " PEFT: `\($0)`." } ?? "") + " |"
    }
    let table = ["| option | values | default | |", "|---|---|---|---|"] + options
    return ["### \(card.title)"] + facts + [table.joined(separator: "\n")]
  }

  private static func peftName(_ type: String, _ axis: MethodAxis) -> String {
    axis == .initializations ? "`init_lora_weights: \(type)`" : "`peft_type: \(type)`"
  }
}
