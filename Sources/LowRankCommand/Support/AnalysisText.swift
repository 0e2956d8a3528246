import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// What `analyze` found, as lines for a terminal.
struct AnalysisText {
  private(set) var lines: [String] = []

  init(_ result: AnalysisResult) {
    for analysis in result.analyses { add(analysis) }
    for (similarity, other) in zip(result.similarities, result.analyses.dropFirst()) {
      add(similarity, with: other)
    }
    if let smooth = result.smooth { add(smooth) }
    if result.analyses.count > 1, result.weights != nil {
      lines.append("of \(result.analyses[0].adapter.url.relativePath):")
    }
    if let weights = result.weights { add(weights) }
    if let behaviour = result.behaviour { add(behaviour) }
  }

  /// A table of names on the left and numbers beside them, as wide as the terminal at most.
  private mutating func table(_ rows: [[String]]) {
    guard let header = rows.first else { return }
    let table = TextTable(
      header, right: Set(header.indices.dropFirst()), rows: Array(rows.dropFirst()))
    lines += [table.text, ""]
  }

  private func number(_ value: Double) -> String { String(format: "%.4g", value) }

  /// How smooth the directions are that modules read; the curves are in the report and in JSON.
  private mutating func add(_ smooth: SmoothComponents) {
    lines.append("smooth share of the directions that the largest updates read:")
    table(
      [["module", "first", "second", "third"]]
        + smooth.modules.map { module in
          [module.path]
            + (0..<3).map { index in
              index < module.curves.count ? number(module.curves[index].kept) : ""
            }
        })
  }

  private mutating func add(_ analysis: AdapterAnalysis) {
    lines.append(
      "\(analysis.adapter.url.relativePath): \(counted(analysis.modules.count, "module")), "
        + "\(analysis.adapter.factorParameters) parameters, ‖ΔW‖_F \(number(analysis.frobenius))"
        + (analysis.frobenius == 0 ? ": it is not trained, its update is zero" : ""))
    if !analysis.adapter.others.isEmpty {
      let count = analysis.adapter.others.reduce(0) { $0 + $1.shape.count }
      lines.append(
        "\(counted(analysis.adapter.others.count, "other tensor")) of \(counted(count, "number"))"
      )
    }
    table(
      [["module", "rank", "‖ΔW‖_F", "σ₁", "stable rank", "effective rank", "90 % in", "imbalance"]]
        + analysis.modules.map { module in
          let summary = module.summary
          return [
            module.stored.path, String(module.stored.rank), number(summary.frobenius),
            number(summary.spectral), String(format: "%.2f", summary.stableRank),
            String(format: "%.2f", summary.effectiveRank), String(summary.rank(holding: 0.9)),
            String(format: "%.3f", module.balance.imbalance),
          ]
        })
  }

  private mutating func add(_ similarity: AdapterSimilarity, with other: AdapterAnalysis) {
    lines.append(
      "subspaces shared with \(other.adapter.url.relativePath), φ from 0 to 1 (random: max(i, j)/n)"
    )
    table(
      [["module", "φ(1,1) reads", "φ reads", "random", "φ(1,1) writes", "φ writes", "random"]]
        + similarity.modules.map { module in
          [module.path]
            + [module.right, module.left].flatMap { side in
              [
                side.grid.elements.first ?? 0, side.whole,
                side.baseline(side.grid.rows, side.grid.columns),
              ].map { String(format: "%.3f", $0) }
            }
        })
    for (paths, owner) in [
      (similarity.onlyInFirst, "the first"),
      (similarity.onlyInSecond, other.adapter.url.relativePath),
    ] where !paths.isEmpty {
      lines.append(
        "only \(owner) adapts: \(paths.prefix(8).joined(separator: ", "))\(paths.count > 8 ? ", …" : "")"
          .printable)
    }
  }

  private mutating func add(_ weights: WeightComparison) {
    lines.append("‖UᵀWV‖_F with U and V of ΔW, of W and random, and the amplification factor")
    table(
      [["module", "r", "ΔW", "W", "random", "‖ΔW‖_F", "‖W‖_F", "factor"]]
        + weights.modules.flatMap { module in
          module.amplifications.map { one in
            [module.path, String(one.rank)]
              + [
                one.inUpdate, one.inWeight, one.inRandom, one.updateNorm, one.weightNorm,
                one.factor,
              ].map(number)
          }
        })
    let searched = weights.modules.compactMap { module in
      module.intruders.map { (module.path, $0) }
    }
    guard !searched.isEmpty else { return }
    let found = searched.filter { !$0.1.intruders.isEmpty }
    lines.append("intruder dimensions: \(found.reduce(0) { $0 + $1.1.intruders.count })")
    for (path, intruders) in found {
      for one in intruders.intruders {
        lines.append(
          "  \(path): direction \(one.index), σ \(number(one.value)), largest cosine \(number(one.similarity))"
        )
      }
    }
    lines.append("")
  }

  private mutating func add(_ behaviour: Behaviour) {
    lines.append(
      "KL(base ‖ adapted) \(number(behaviour.divergence)) nats a token over \(behaviour.tokens.count) tokens; most at:"
    )
    for one in behaviour.tokens.sorted(by: { $0.divergence > $1.divergence }).prefix(8) {
      lines.append(
        String(
          format: "  %@ after …%@: KL %.3f, ln p %.2f → %.2f", quoted(behaviour.text(one.token)),
          quoted(behaviour.tokenizer.decode(Array(one.context.suffix(6)))), one.divergence,
          one.before, one.after))
    }
    lines.append("")
    if !behaviour.inputs.isEmpty {
      lines.append(
        "share of the update that reads the inputs' k principal directions (random: k/n)")
      table(
        [["module", "k", "update", "inputs", "random"]]
          + behaviour.inputs.map { path, one in
            [path, String(one.dimensions)]
              + [one.share, one.inputShare, one.baseline].map { String(format: "%.3f", $0) }
          })
    }
    for one in behaviour.raised {
      lines.append(
        "\(one.path), σ₁ \(number(one.value)): + "
          + one.raised.map { quoted(behaviour.text($0)) }.joined(separator: " ") + "  − "
          + one.lowered.map { quoted(behaviour.text($0)) }.joined(separator: " "))
    }
    guard let loss = behaviour.loss else { return }
    lines.append(String(format: "\nloss %.4f; without", loss))
    table(
      [["part", "loss", "increase"]]
        + behaviour.ablations.sorted { $0.increase > $1.increase }.map { one in
          [
            one.path + (one.direction.map { " direction \($0)" } ?? ""),
            String(format: "%.4f", one.loss), String(format: "%+.4f", one.increase),
          ]
        })
  }

  private func quoted(_ text: String) -> String {
    "“\(text.replacing("\n", with: "↵").printable)”"
  }
}
