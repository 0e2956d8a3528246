import Foundation
import LowRank

extension ExperimentResults {
  /// The results as JSON.
  public var json: JSONObject {
    [
      "metric": .string(plan.metric.rawValue), "held_out": .bool(isHeldOut),
      "runs": .array(runs.map { .object(Self.json(of: $0)) }),
      "summary": .array(summary.map { .object($0.json) }),
    ]
  }

  private static func json(of run: RunRecord) -> JSONObject {
    var json: JSONObject = ["name": .string(run.name), "variant": .string(run.variant)]
    for (key, value) in run.choices.entries { json[key] = value }
    json["learning_rate"] = .double(run.rate)
    json["seed"] = .integer(run.seed)
    json["steps"] = .integer(run.steps)
    json["trial"] = .bool(run.isTrial)
    json["parameters"] = run.parameters.map { .integer($0) } ?? .null
    json["valid_loss"] = run.valid["loss"].map { .double($0) } ?? .null
    json["test_loss"] = run.test["loss"].map { .double($0) } ?? .null
    let others = run.json
    json["valid"] = others["valid"]
    json["test"] = others["test"]
    json["other_loss"] = others["other_loss"]
    json["seconds"] = .double(run.seconds)
    json["curve"] = others["curve"]
    json["failed"] = others["failed"]
    return json
  }

  /// Writes results.json, runs.csv, summary.csv, curves.csv, curves.svg and report.html.
  ///
  /// - Throws: `FileError`.
  func write(into folder: ExperimentFolder) throws {
    try ExperimentFolder.write(.object(json), to: folder.url.appending(path: "results.json"))
    for (name, text) in [
      ("runs.csv", runsCSV), ("summary.csv", summaryCSV), ("curves.csv", curvesCSV),
      ("curves.svg", curves.drawing(width: 800, titled: true).standaloneSVG),
      ("report.html", report.html),
    ] {
      try ExperimentFolder.write(Array(text.utf8), to: folder.url.appending(path: name))
    }
  }

  private var runsCSV: String {
    let keys = ["method", "init", "optimizer", "ranks", "rank", "target"]
    let rows = runs.map { run in
      [run.name, run.variant] + keys.map { Variant.text(run.choices[$0] ?? "") } + [
        "\(run.rate)", "\(run.seed)", "\(run.steps)", run.isTrial ? "true" : "false",
        run.parameters.map(String.init) ?? "", Self.field(run.valid["loss"]),
        Self.field(run.test["loss"]), Self.field(run.valid[plan.metric.rawValue]),
        Self.field(run.test[plan.metric.rawValue]), Self.field(run.seconds), run.failure ?? "",
      ]
    }
    return Self.csv(
      ["name", "variant"] + keys + [
        "learning_rate", "seed", "steps", "trial", "parameters", "valid_loss", "test_loss",
        "valid_metric", "test_metric", "seconds", "failed",
      ], rows)
  }

  private var summaryCSV: String {
    Self.csv(
      VariantSummary.columns,
      summary.map { variant in
        VariantSummary.columns.map { Variant.text(variant.json[$0] ?? .null) }
          .map { $0 == "null" ? "" : $0 }
      })
  }

  private var curvesCSV: String {
    Self.csv(
      ["name", "step", "valid_loss"],
      runs.flatMap { run in
        run.curve.map { [run.name, "\($0.step)", Self.field($0.loss)] }
      })
  }

  private static func field(_ value: Double?) -> String {
    value.flatMap { $0.isFinite ? "\($0)" : nil } ?? ""
  }

  /// Records as RFC 4180 has them.
  private static func csv(_ header: [String], _ rows: [[String]]) -> String {
    ([header] + rows).map { row in
      row.map { field in
        field.contains { ",\"\r\n".contains($0) }
          ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
      }.joined(separator: ",")
    }.joined(separator: "\r\n") + "\r\n"
  }
}

extension VariantSummary {
  static let columns = [
    "variant", "best_learning_rate", "at_edge", "runs", "parameters", "mean", "spread",
    "difference", "low", "high", "probability", "corrected_probability", "significant",
    "steps_to_baseline", "forgetting", "seconds", "failed",
  ]

  /// The summary as JSON; null where something is not known.
  public var json: JSONObject {
    func number(_ value: Double?) -> JSONValue { value.map { .double($0) } ?? .null }
    return [
      "variant": .string(variant), "best_learning_rate": number(bestRate),
      "at_edge": .bool(isAtEdge), "runs": .integer(values.count),
      "parameters": .integer(parameters), "mean": number(values.mean),
      "spread": number(values.deviation), "difference": number(difference?.mean),
      "low": number(difference?.low), "high": number(difference?.high),
      "probability": number(difference?.probability),
      "corrected_probability": number(correctedProbability),
      "significant": isSignificant.map { .bool($0) } ?? .null,
      "steps_to_baseline": stepsToBaseline.map { .integer($0) } ?? .null,
      "forgetting": number(forgetting.mean), "seconds": number(seconds),
      "failed": .integer(failed),
    ]
  }
}
