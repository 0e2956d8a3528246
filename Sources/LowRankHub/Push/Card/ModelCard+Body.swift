import Foundation

/// The part of a card that people read.
extension ModelCard {
  var body: String {
    [
      "# \(name.id.split(separator: "/").last.map(String.init) ?? name.id)",
      opening, adapterSection, dataSection, metricSection, makingSection, settingsSection,
      useSection,
    ].compactMap { $0 }.joined(separator: "\n\n") + "\n"
  }

  private var opening: String {
    let base =
      self.base.id.map { "[\($0)](https://huggingface.co/\($0))" } ?? self.base.folder.map(
        Self.code)
      ?? "a base that is not recorded"
    var text = "A \(method) adapter of \(base), in PEFT's format."
    if let fingerprint = self.base.fingerprint {
      text += " The base's fingerprint is \(Self.code(fingerprint)): `lowrank` refuses another one."
    }
    return text
  }

  private var adapterSection: String? {
    guard let first = modules.first else { return nil }
    let ranks = modules.map(\.rank)
    let isUniform = modules.allSatisfy { $0.rank == first.rank && $0.alpha == first.alpha }
    let (least, most) = (ranks.min() ?? 0, ranks.max() ?? 0)
    var rows = [Row("Target modules", targets.map(Self.code).joined(separator: ", "))]
    rows.append(Row("Adapted modules", String(modules.count)))
    rows.append(Row("Rank", least == most ? String(least) : "\(least) to \(most), see below"))
    if isUniform { rows.append(Row("α", Self.number(first.alpha))) }
    rows.append(Row("Parameters", Self.grouped(parameters)))
    let tokens = trainedTokens.map { token in
      token.text.map { "\(Self.code($0)) (\(token.id))" } ?? String(token.id)
    }
    rows.append(Row("Trained tokens", tokens.joined(separator: ", ")))
    let text = "## Adapter\n\n" + Self.table(rows.filter { !$0.value.isEmpty })
    guard !isUniform else { return text }
    let lines = modules.map { "| \(Self.code($0.path)) | \($0.rank) | \(Self.number($0.alpha)) |" }
    return text + "\n\n| Module | Rank | α |\n|---|---:|---:|\n" + lines.joined(separator: "\n")
  }

  private var dataSection: String? {
    data.isEmpty ? nil : "## Data\n\n" + Self.table(data)
  }

  private var metricSection: String? {
    guard !metrics.isEmpty else { return nil }
    let lines = metrics.map { "| \(Self.plain($0.name)) | \(String(format: "%.4f", $0.value)) |" }
    let table = "| | This adapter |\n|---|---:|\n" + lines.joined(separator: "\n")
    return ["## Metrics", stepSentence, table].compactMap { $0 }.joined(separator: "\n\n")
  }

  /// Which step's figures these are.
  private var stepSentence: String? {
    guard let step else { return nil }
    guard step.number < step.last else { return "Measured after step \(step.number), the last." }
    return """
      Measured after step \(step.number), whose adapter this is: it was the best of a run of \(step.last) steps.
      """
  }

  private var makingSection: String? {
    making.isEmpty ? nil : "## How it was made\n\n" + Self.table(making)
  }

  private var settingsSection: String? {
    guard !settings.isEmpty else { return nil }
    let lines = settings.map { "\($0.name): \($0.value)" }
    return "## Settings of the run\n\n```yaml\n\(lines.joined(separator: "\n"))\n```"
  }

  private static func table(_ rows: [Row]) -> String {
    "| | |\n|---|---|\n"
      + rows.map { "| \(plain($0.name)) | \(plain($0.value)) |" }.joined(separator: "\n")
  }

  /// A text of files and flags as it may stand in a table.
  private static func plain(_ text: String) -> String {
    text.replacing("|", with: "\\|").split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  /// A text between backticks, of which it has none itself.
  private static func code(_ text: String) -> String {
    "`" + text.replacing("`", with: "'").split(whereSeparator: \.isNewline).joined(separator: " ")
      + "`"
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
  }

  /// Digits in groups of three.
  private static func grouped(_ value: Int) -> String {
    let digits = Array(String(value))
    return digits.indices.reduce(into: "") { text, index in
      if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
      text.append(digits[index])
    }
  }
}
