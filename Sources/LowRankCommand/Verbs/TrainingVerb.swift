import LowRank
import LowRankConsole
import LowRankSessions

/// A verb that trains: its flags are settings of a run.
protocol TrainingVerb: DecomposingVerb, SharedVerb {
  /// What the flags say.
  var settings: RunSettings { get throws }
  /// Whether a result is one JSON object on standard output.
  var writesJSON: Bool { get }
}

extension TrainingVerb {
  /// Trains as the settings say, showing what happens, and reports the end.
  func train() throws {
    let settings = try settings
    try settings.check()
    let display = TrainingDisplay()
    let session = try TrainingSession(settings, reducer: Processes.join()) { display.show($0) }
    guard !settings.plan.dryRun else {
      let report = PlanReport(try session.plan())
      return try writesJSON ? Console.result(report.json) : Console.result(report.text)
    }
    display.begin(steps: session.steps, from: session.number)
    let summary = try session.run()
    let isFirst = Processes.isFirst
    let compressed = try isFirst ? CompressAfter.outcome(of: session, settings) : nil
    try TrainingReport(
      summary: summary, subject: settings.subject, path: settings.output ?? "",
      compressed: compressed
    ).write(asJSON: writesJSON)
  }
}
