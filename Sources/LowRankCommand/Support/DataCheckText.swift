import Foundation
import LowRank
import LowRankConsole

/// What was found of a data set, for people.
struct DataCheckText {
  private let check: DataCheck

  init(_ check: DataCheck) { self.check = check }

  /// Writes it on standard output, warnings and errors on standard error.
  func write() throws {
    let columns = Terminal.resultColumns
    for file in check.files {
      let lines = Self.lines(of: file, within: columns).map { $0.wrapped(to: columns, indent: 4) }
      try Console.result(lines.joined(separator: "\n"))
    }
    for file in check.files {
      for view in file.views {
        try Console.result("\n" + RowViewText(view, unit: file.unit).text)
      }
    }
    for warning in check.warnings { Console.write("warning: \(warning.printable)") }
    for error in check.errors { Console.error(error) }
  }

  private static func lines(of file: FileCheck, within columns: Int?) -> [String] {
    let parts = [
      (file.empty, "empty"), (file.refused, "refused"), (file.untrained, "without a trained token"),
      (file.marked, "left out as weight or train excludes every turn"),
      (file.truncated, "truncated"), (file.duplicates.count, "repeated"),
      (file.partial, "trained in part"),
    ].filter { $0.0 > 0 }.map { ", \($0.0) \($0.1)" }
    var lines = [
      "\(file.file.printable): \(file.format), \(count(file.rowCount, file.unit)), \(file.kept) kept"
        + parts.joined()
    ]
    func add(_ name: String, _ text: String) {
      lines.append("  " + name.padding(toLength: 9, withPad: " ", startingAt: 0) + text)
    }
    if let columns = file.columns {
      let label = columns.label.map { " → \($0)" } ?? ", no label"
      add("columns", "\(columns.texts.joined(separator: ", "))\(label)".printable)
    }
    if let template = file.textColumns.template {
      add("prompt", template.text.replacing("\n", with: "⏎").replacing("\t", with: "⇥").printable)
      add(
        "columns",
        "\(template.columns.joined(separator: ", ")) → \(file.textColumns.completion ?? "completion")"
          .printable)
    } else if let prompt = file.textColumns.prompt
      ?? (file.textColumns.completion.map { _ in "prompt" })
    {
      add("columns", "\(prompt) → \(file.textColumns.completion ?? "completion")".printable)
    } else if let text = file.textColumns.text {
      add("columns", text.printable)
    }
    for (name, rows) in file.labels.prefix(20) { add("label", "\(name.printable): \(rows)") }
    if file.labels.count > 20 { add("", "and \(file.labels.count - 20) more labels") }
    guard file.kept > 0 else { return lines }
    let share = 100 * Double(file.trainedTokens) / Double(max(1, file.tokens))
    add(
      "tokens",
      "\(file.tokens)"
        + (file.columns == nil
          ? String(format: ", %d of them trained (%.0f %%)", file.trainedTokens, share) : ""))
    let lengths = file.lengths
    add(
      "lengths",
      String(
        format: "min %d, median %d, 90 %% %d, 99 %% %d, max %d, mean %.1f", lengths.least,
        lengths.percentile(0.5), lengths.percentile(0.9), lengths.percentile(0.99),
        lengths.greatest, lengths.mean))
    lines += histogram(lengths, within: columns)
    add(
      "longest",
      file.longest.map { "\(file.unit) \($0.row) (\($0.length))" }.joined(separator: ", "))
    for pair in file.duplicates.prefix(3) {
      add("repeated", "\(file.unit) \(pair.row) is \(file.unit) \(pair.first) again")
    }
    for row in file.unended.prefix(3) { add("no end", "\(file.unit) \(row)") }
    for remark in file.remarks { add("note", remark) }
    return lines
  }

  private static func histogram(_ lengths: LengthStatistics, within columns: Int?) -> [String] {
    let bins = lengths.histogram
    let most = bins.map(\.rows).max() ?? 1
    let labels = bins.map { "\($0.lengths.lowerBound)–\($0.lengths.upperBound - 1)" }
    let width = labels.map(\.count).max() ?? 0
    // The bar stands between the length and the number of rows.
    let room = columns.map { max(4, $0 - width - String(most).count - 7) } ?? 40
    let longest = min(40, room)
    return zip(labels, bins).map { label, bin in
      let bar = (bin.rows * longest + most - 1) / most
      return "    " + String(repeating: " ", count: width - label.count) + label + "  "
        + String(repeating: "█", count: bar) + " \(bin.rows)"
    }
  }

  private static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}

/// A row token by token, in colours where somebody sees them.
private struct RowViewText {
  let view: RowView
  let unit: String

  init(_ view: RowView, unit: String) {
    self.view = view
    self.unit = unit
  }

  var text: String {
    let trained = view.tokens.count { $0.isTrained }
    var title = "\(unit) \(view.row): \(view.length) tokens"
    if view.tokens.count < view.length { title += ", cut off after \(view.tokens.count)" }
    if let label = view.label {
      title += " → \(label.printable)"
    } else {
      title += ", \(trained) trained"
      if let last = view.tokens.last(where: \.isTrained) {
        title += ", the last of them \(Self.shown(last))"
        title += view.isEnded == true ? "" : ", which ends nothing"
      }
    }
    title = title.wrapped(to: Terminal.resultColumns)
    let pieces = Terminal.hasColours(STDOUT_FILENO) ? coloured : marked
    return title + "\n" + Self.lines(pieces, within: Terminal.resultColumns)
  }

  /// A token as it is shown, and the columns that it takes.
  private typealias Piece = (text: String, columns: Int, breaksLine: Bool)

  private var marked: [Piece] {
    view.tokens.enumerated().map { position, token in
      let shown = Self.shown(token)
      // Brackets part trained tokens, bars part the others, which may begin a line.
      let follows =
        position > 0 && !view.tokens[position - 1].isTrained
        && !Self.breaksLine(view.tokens[position - 1])
      let text = token.isTrained ? "[\(shown)]" : (follows ? "│" : "") + shown
      return (text, displayWidth(text), Self.breaksLine(token))
    }
  }

  /// Green is trained; neighbours differ in brightness, and special tokens are inverted.
  private var coloured: [Piece] {
    view.tokens.enumerated().map { position, token in
      let isEven = position.isMultiple(of: 2)
      let colour = token.isTrained ? (isEven ? "32" : "92") : (isEven ? "2" : "0")
      let shown = Self.shown(token)
      return (
        "\u{1b}[\(colour)\(token.isSpecial ? ";7" : "")m\(shown)\u{1b}[0m", displayWidth(shown),
        Self.breaksLine(token)
      )
    }
  }

  /// The tokens one after the other; a line ends where the text has one, and before a token that no longer fits.
  private static func lines(_ pieces: [Piece], within columns: Int?) -> String {
    var (text, used) = ("", 0)
    for piece in pieces {
      if used > 0, let columns, used + piece.columns > columns {
        text += "\n"
        used = 0
      }
      text += piece.text + (piece.breaksLine ? "\n" : "")
      used = piece.breaksLine ? 0 : used + piece.columns
    }
    return text
  }

  /// A token on one line, whatever is in it.
  private static func shown(_ token: RowView.Token) -> String {
    token.text.replacing("\n", with: "⏎").replacing("\t", with: "⇥").printable
  }

  private static func breaksLine(_ token: RowView.Token) -> Bool {
    token.text.utf8.contains(UInt8(ascii: "\n"))
  }
}
