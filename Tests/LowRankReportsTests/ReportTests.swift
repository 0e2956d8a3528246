import Foundation
import LowRankReports
import Testing

@Suite struct `A report` {
  private let page = SampleReport.report.html

  @Test func `is well-formed and complete`() {
    let parsed = ParsedXML(page)
    #expect(parsed.fault == nil)
    // Six figures that differ by width, one that does not, and no other.
    #expect(parsed.count("svg") == 13)
    #expect(parsed.count("figure") == 8)
    #expect(parsed.count("details") == 7)
    #expect(parsed.count("table") == 8)
    #expect(parsed.count("nav") == 1)
    #expect(parsed.count("h1") == 1)
    #expect(parsed.text.contains("4,884,480"))
    #expect(parsed.text.contains("model.layers.31.mlp.down_proj"))
  }

  @Test func `has ids that are unique, and only refers to those`() {
    let parsed = ParsedXML(page)
    #expect(Set(parsed.ids).count == parsed.ids.count)
    let references = parsed.elements.flatMap { element in
      (element.attributes["aria-labelledby"]?.split(separator: " ").map(String.init) ?? [])
        + (element.name == "a" ? [String((element.attributes["href"] ?? "").dropFirst())] : [])
    }
    #expect(references.count > 20)
    #expect(references.allSatisfy { parsed.ids.contains($0) })
  }

  @Test func `needs nothing from elsewhere and runs nothing`() {
    for text in ["<script", "http:", "https:", "//", "url(", "@import", "src=", "<link"] {
      #expect(!page.contains(text), "\(text)")
    }
  }

  @Test func `has boxes that can be scrolled by keyboard where something may not fit`() {
    let boxes = ParsedXML(page).elements.filter {
      $0.attributes["class"]?.hasPrefix("scroll") == true
    }
    // Eight tables, and the grid of 64 by 64 on a phone.
    #expect(boxes.count == 9)
    #expect(boxes.allSatisfy { $0.attributes["tabindex"] == "0" })
    #expect(boxes.allSatisfy { $0.attributes["aria-label"]?.isEmpty == false })
  }

  @Test func `has a table of contents from four sections on`() {
    var report = SampleReport.report
    report.sections.removeLast()
    #expect(ParsedXML(report.html).count("nav") == 0)
  }

  @Test(arguments: hostileNames)
  func `holds any text`(name: String) {
    let report = Report(
      name, lead: name, facts: [Report.Fact(name, name)],
      sections: Array(
        repeating: Report.Section(
          name,
          [
            .paragraph(name),
            .figure(
              HeatMap(
                name, rows: [name], rowTitle: name, columns: [name], columnTitle: name,
                values: [[1]], scale: Axis(name, unit: name)), caption: name),
            .figure(
              BarChart(
                name, subject: name, axis: Axis(name), totalName: name,
                bars: [BarChart.Bar(name, 1, of: 2)]), caption: name),
            .figure(
              LinePlot(
                name, x: Axis(name), y: Axis(name, unit: name),
                series: [LinePlot.Series(name, [LinePlot.Point(1, 1)])],
                references: [.vertical(1, label: name)]), caption: name),
            .table(Report.Table(columns: [name], rows: [[.name(name)]]), caption: name),
          ]), count: 4))
    let parsed = ParsedXML(report.html)
    #expect(parsed.fault == nil)
    #expect(parsed.count("script") == 0)
    #expect(Set(parsed.ids).count == parsed.ids.count)
  }

  @Test func `puts the decimal points of a column below each other`() {
    func cells(_ numbers: [Double]) -> [String] {
      let table = Report.Table(columns: ["n"], rows: numbers.map { [.number($0)] })
      let html = Report("", sections: [Report.Section("", [.table(table, caption: "")])]).html
      return html.components(separatedBy: "class=\"n\">").dropFirst(2).map {
        String($0.prefix { $0 != "<" })
      }
    }
    #expect(cells([1, 0.25, -12.5, .nan]) == ["1.00", "0.25", "−12.50", "not a number"])
    #expect(cells([1, 2]) == ["1", "2"])
    #expect(cells([0.5, 1.5e-7]) == ["0.5", "1.5×10⁻⁷"])
  }

  @Test
  func `stacks the rows of tables that are too wide for a phone, under the names of their columns`()
  {
    func table(_ columns: [String]) -> String {
      let rows = [
        [Report.Table.Cell.name("model.layers.0.q_proj")] + columns.map { _ in .number(1.5) }
      ]
      let table = Report.Table(columns: ["module"] + columns, rows: rows)
      return Report("", sections: [Report.Section("", [.table(table, caption: "")])]).html
    }
    let (narrow, wide) = (table(["σ"]), table(["σ", "stable rank", "<effective>", "imbalance"]))
    #expect(
      narrow.contains("class=\"scroll rows\"") && !narrow.contains("class=\"scroll rows stack\""))
    #expect(wide.contains("class=\"scroll rows stack\""))
    let parsed = ParsedXML(wide)
    let names = parsed.elements.compactMap { $0.attributes["data-column"] }
    #expect(names == ["σ", "stable rank", "<effective>", "imbalance"])
    let counted = Report.Table(
      columns: ["layer"] + names, rows: [[.text("7")] + names.map { _ in .number(12.5) }])
    let page = Report("", sections: [Report.Section("", [.table(counted, caption: "")])]).html
    #expect(page.contains("scope=\"row\" data-column=\"layer\">7</th>"))
    // A style sheet that changes a table's layout would take the meaning of its cells away.
    let roles = parsed.elements.compactMap { $0.attributes["role"] }
    #expect(Set(roles).isSuperset(of: ["table", "row", "columnheader", "rowheader", "cell"]))
  }

  @Test func `has what is compared in its head`() throws {
    var report = SampleReport.report
    report.comparison = Report.Table(
      columns: ["adapter", "rank"], rows: [[.text("a"), .integer(8)], [.text("b"), .integer(4)]])
    let head = try #require(report.html.components(separatedBy: "</header>").first)
    #expect(head.contains(">a</th>") && head.contains("data-column=\"rank\" class=\"n\">4</td>"))
    #expect(ParsedXML(report.html).fault == nil)
  }

  @Test func `is a page without sections too`() {
    #expect(ParsedXML(Report("").html).fault == nil)
    let empty = Report.Section("", [.table(Report.Table(columns: [], rows: []), caption: "")])
    #expect(ParsedXML(Report("", sections: [empty]).html).fault == nil)
  }
}
