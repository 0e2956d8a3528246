import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankReports

extension Report {
  /// The report of an analysis: every part of it that was made.
  public init(_ result: AnalysisResult) {
    let names = Report.names(of: result.analyses.map { $0.adapter.url })
    let first = result.analyses[0]
    var sections = zip(result.analyses, names).map { Section.spectra(of: $0, named: $1) }
    for (index, similarity) in result.similarities.enumerated() {
      sections.append(.similarity(similarity, of: names[0], and: names[index + 1]))
    }
    if !result.layers.isEmpty { sections.append(.layers(result.layers)) }
    // Of several adapters only the first is measured so.
    var measured = result.smooth.map { [Section.spline($0)] } ?? []
    measured += result.weights.map { Section.weights($0) } ?? []
    measured += result.behaviour.map { Section.behaviour($0) } ?? []
    if names.count > 1 {
      for index in measured.indices { measured[index].heading += " of \(names[0])" }
    }
    sections += measured
    self.init(
      names.count == 1
        ? "The adapter \(names[0])" : "The adapters \(names.joined(separator: " and "))",
      lead: """
        \(names.count == 1 ? "What its update is" : "What their updates are"), seen through singular values and \
        subspaces.
        """,
      facts: names.count == 1 ? Report.facts(of: first) : [], sections: sections)
    guard names.count > 1 else { return }
    comparison = Table(
      columns: ["adapter", "modules", "parameters", "rank", "‖ΔW‖", "base"],
      rows: zip(names, result.analyses).map { name, analysis in
        [
          .text(name), .integer(analysis.modules.count),
          .integer(analysis.adapter.factorParameters),
          .text(Report.range(analysis.modules.map(\.stored.rank))), .number(analysis.frobenius),
          .text(Report.base(of: analysis)),
        ]
      })
  }

  /// What an adapter is.
  private static func facts(of analysis: AdapterAnalysis) -> [Fact] {
    let ranks = analysis.modules.map(\.stored.rank)
    return [
      Fact("modules", NumberText.integer(analysis.modules.count)),
      Fact("parameters", NumberText.integer(analysis.adapter.factorParameters)),
      Fact(Set(ranks).count > 1 ? "ranks" : "rank", range(ranks)),
      Fact("‖ΔW‖", NumberText.short(analysis.frobenius)),
      Fact("base", base(of: analysis)),
    ]
  }

  /// What an adapter says that its base is.
  private static func base(of analysis: AdapterAnalysis) -> String {
    analysis.adapter.config["base_model_name_or_path"]?.string ?? "unknown"
  }

  /// From the least to the greatest.
  private static func range(_ ranks: [Int]) -> String {
    guard let least = ranks.min(), let most = ranks.max(), least < most else {
      return String(ranks.first ?? 0)
    }
    return "\(least) to \(most)"
  }

  /// The last names of folders, or whole paths where those are equal.
  private static func names(of folders: [URL]) -> [String] {
    let short = folders.map(\.lastPathComponent)
    return Set(short).count == short.count ? short : folders.map(\.relativePath)
  }
}
