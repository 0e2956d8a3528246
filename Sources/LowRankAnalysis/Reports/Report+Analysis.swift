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
    if let weights = result.weights { sections += Section.weights(weights) }
    if let behaviour = result.behaviour { sections += Section.behaviour(behaviour) }
    let ranks = first.modules.map(\.stored.rank)
    self.init(
      names.count == 1
        ? "The adapter \(names[0])" : "The adapters \(names.joined(separator: " and "))",
      lead: """
        \(names.count == 1 ? "What its update is" : "What their updates are"), seen through singular values and \
        subspaces.
        """,
      facts: [
        Fact("modules", NumberText.integer(first.modules.count)),
        Fact("parameters", NumberText.integer(first.adapter.factorParameters)),
        Fact(Set(ranks).count > 1 ? "ranks" : "rank", Report.range(ranks)),
        Fact("‖ΔW‖", NumberText.short(first.frobenius)),
        Fact(
          "base", first.adapter.config["base_model_name_or_path"]?.string ?? "unknown"
        ),
      ], sections: sections)
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
