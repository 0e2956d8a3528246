import Foundation
import LowRankConsole
import Testing

@Suite struct `A table of text` {
  private static let names = (0..<12).flatMap { layer in
    ["q_proj", "v_proj"].map { "model.layers.\(layer).self_attn.\($0)" }
  }
  private static let header = ["module", "rank", "‖ΔW‖_F", "stable rank", "imbalance"]
  private static let rows = names.map { [$0, "8", "0.07014", "2.36", "0.997"] }
  private static let numbers: Set<Int> = [1, 2, 3, 4]

  @Test func `is in full without a width`() {
    let lines = TextTable(Self.header, right: Self.numbers, rows: Self.rows, within: nil).text
      .split(separator: "\n")
    #expect(lines[0] == "module                            rank   ‖ΔW‖_F  stable rank  imbalance")
    #expect(lines[23] == "model.layers.11.self_attn.q_proj     8  0.07014         2.36      0.997")
    #expect(lines.count == 25)
  }

  @Test(arguments: [40, 60, 66, 120, 200])
  func `fits a width and tells names apart`(columns: Int) {
    let text = TextTable(Self.header, right: Self.numbers, rows: Self.rows, within: columns).text
    let lines = text.split(separator: "\n")
    for line in lines { #expect(PseudoTerminal.columns(of: String(line)) <= columns, "\(line)") }
    let first = lines.prefix(25).map { $0.split(separator: " ")[0] }
    #expect(Set(first).count == 25)
    #expect(first[1].hasSuffix("q_proj"))
    #expect(lines.count == [40: 75, 60: 50][columns] ?? 25, "\(text)")
    // Every column is there, whichever block it is in.
    for name in Self.header { #expect(text.contains(name)) }
  }

  @Test func `leaves the columns whole that are to stay so`() {
    let rows = [["2026-11-28 20:44", String(repeating: "x", count: 40)]]
    let text = TextTable(["started", "adapter"], whole: [0], rows: rows, within: 34).text
    #expect(text.contains("2026-11-28 20:44  x") && text.contains("…"), "\(text)")
    for line in text.split(separator: "\n") {
      #expect(PseudoTerminal.columns(of: String(line)) <= 34)
    }
  }

  @Test func `shortens long values of several columns`() {
    let path = "/data/" + String(repeating: "x", count: 90) + "/train.jsonl"
    let text = TextTable(
      ["", "run 1", "run 2"], right: [], rows: [["data", path, path + ".gz"]], within: 80
    ).text
    for line in text.split(separator: "\n") {
      #expect(PseudoTerminal.columns(of: String(line)) <= 80, "\(line)")
    }
    #expect(text.contains("…") && text.contains("train.jsonl.gz"))
  }

  @Test func `counts wide characters twice`() {
    let text = TextTable(
      ["数据", "n"], right: [1], rows: [["数据集一", "1"], ["ab", "22"]], within: 40
    ).text
    #expect(text == "数据       n\n数据集一   1\nab        22")
  }
}

/// The widths are those of Python's wcwidth 0.9.4.
@Suite struct `The width of a text` {
  @Test(arguments: [
    ("plain", 5), ("…‖Δ", 3), ("数据集", 6), ("한국어", 6), ("e\u{301}te\u{301}", 3), ("ｆｕｌｌ", 8),
    ("😀", 2), ("", 0),
  ])
  func `is counted in columns`(text: String, columns: Int) {
    #expect(displayWidth(text) == columns)
  }

  @Test func `is kept when the middle is left out`() {
    #expect("model.layers.0.self_attn.q_proj".shortened(to: 16) == "model…ttn.q_proj")
    #expect("short".shortened(to: 16) == "short")
    for columns in 1...12 {
      #expect(displayWidth("数据集一数据集一".shortened(to: columns)) <= columns)
    }
  }

  @Test func `bounds lines that are wrapped`() {
    let text = "modules: [\"q_proj\",\"k_proj\",\"v_proj\",\"o_proj\"]"
    #expect(text.wrapped(to: nil) == text)
    #expect(
      text.wrapped(to: 24) == "modules: [\"q_proj\",\n  \"k_proj\",\"v_proj\",\n  \"o_proj\"]")
    let long = "hash: " + String(repeating: "0123456789", count: 9)
    let lines = long.wrapped(to: 40).split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 40 })
    #expect(
      lines.map { $0.trimmingCharacters(in: .whitespaces) }.joined() == "hash:" + long.dropFirst(6))
  }
}

@Suite struct `A line of parts` {
  private static let line = FittedLine([
    .init("reading /home/someone/data/train.jsonl", order: 2, shortest: 8),
    .init("1200 of 5000 rows", shorter: "1200/5000 rows", order: 0),
    .init("310 rows/s", order: 3), .init("0:12 left", order: 1), .init("(a detail)", order: 4),
  ])

  @Test func `drops the least important first`() {
    #expect(
      Self.line.text(within: 200)
        == "reading /home/someone/data/train.jsonl  1200 of 5000 rows  310 rows/s  0:12 left  (a detail)"
    )
    #expect(
      Self.line.text(within: 79)
        == "reading /home/someone/data/train.jsonl  1200 of 5000 rows  0:12 left")
    #expect(Self.line.text(within: 50) == "reading…ata/train.jsonl  1200/5000 rows  0:12 left")
    #expect(Self.line.text(within: 30) == "1200/5000 rows  0:12 left")
    #expect(Self.line.text(within: 20) == "1200/5000 rows")
    for columns in 1...200 { #expect(displayWidth(Self.line.text(within: columns)) <= columns) }
  }
}
