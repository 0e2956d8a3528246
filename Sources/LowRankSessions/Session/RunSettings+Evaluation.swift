import LowRank

extension RunSettings {
  /// The rows to evaluate on: as many of them as the settings ask for.
  func evaluated<Rows: SelectableSet>(_ rows: Rows?) -> Rows? {
    guard let rows, let evalRows, evalRows < rows.count else { return rows }
    Remarks.say(
      "evaluating on \(evalRows) of \(counted(rows.count, "row")) (\(.evalRows) \(evalRows), chosen by \(.seed))"
    )
    return rows.sample(evalRows, seed: model.seedBits)
  }

  /// Refuses wishes that need rows to evaluate on where there are none.
  ///
  /// - Parameter isResumed: whether the run began before, maybe when evaluations without rows were accepted.
  func checkEvaluation(of task: any RunTask, isResumed: Bool) throws {
    if steps.learningRate == 0 {
      Remarks.insist("\(.learningRate) is 0, so nothing is trained", .warning)
    }
    guard task.validation == nil else { return }
    let why: KeyedText =
      "has no effect: there are no rows to evaluate on; \(.validShare) 0.1 keeps a tenth of the rows for it"
    if let metric, metric != "last" { throw SettingsError("\(.metric) \(metric) \(why)") }
    if let patience { throw SettingsError("\(.patience) \(patience) \(why)") }
    if let evalRows { throw SettingsError("\(.evalRows) \(evalRows) \(why)") }
    guard let evalEvery else { return }
    guard isResumed else { throw SettingsError("\(.evalEvery) \(evalEvery) \(why)") }
    Remarks.note("there are no rows to evaluate on")
  }
}
