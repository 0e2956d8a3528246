import Foundation
import LowRank

extension DataSettings {
  /// Refuses settings that mean nothing to rows of preferences.
  package func requirePreferences(_ objective: PreferenceObjective) throws {
    let settings: [(RunKey, Bool)] = [
      (.textColumn, !textColumn.isEmpty), (.promptTemplate, promptTemplate != nil),
      (.trainOn, trainOn != nil), (.labelColumn, labelColumn != nil && objective.isPaired),
      (.completionColumn, completionColumn != nil && objective.isPaired),
    ]
    guard let key = settings.first(where: \.1)?.0 else { return }
    throw SettingsError(
      "\(key) has no effect with \(.objective) \(objective.method.rawValue): \(objective.isPaired ? "rows have a prompt, \"chosen\" and \"rejected\"" : "rows have a prompt, a completion and a label")"
    )
  }

  /// The columns of a prompt, and of an answer without a pair.
  ///
  /// - Parameter kept: what the adapter's folder stores, which applies without a setting if the file has those columns.
  package func preferenceColumns(keptIn kept: JSONObject? = nil) -> TextColumns {
    guard promptColumn == nil, completionColumn == nil, let kept else {
      return TextColumns(prompt: promptColumn, completion: completionColumn)
    }
    return TextColumns(kept: kept)
  }

  /// Reads the preferences of a split and reports what became of its rows.
  ///
  /// - Parameter kept: what the adapter's folder stores, which includes the columns.
  package func preferences(
    _ split: DataSplit, _ encoder: ExampleEncoder, _ objective: PreferenceObjective,
    keptIn kept: JSONObject? = nil
  ) throws -> (set: PreferenceSet, holdsConversations: Bool) {
    let read = try PreferenceExamples(
      of: split, encoder: encoder, isPaired: objective.isPaired,
      columns: preferenceColumns(keptIn: kept), label: labelColumn)
    Remarks.say("\(read.source): \(read.counts)")
    LostText.warn(read.counts.lost, in: read.source)
    for remark in read.remarks { Remarks.note("\(remark)") }
    for warning in read.warnings { Remarks.warn("\(warning)") }
    if !read.holdsConversations { try refuseSettingsOfConversations(read.source) }
    let set = PreferenceSet(
      read.examples, rowNumbers: read.rowNumbers, source: read.source, objective: objective,
      maxLength: encoder.maxLength)
    return (set, read.holdsConversations)
  }

  /// Refuses rows too few for KTO to train on; too few to evaluate on are a warning, as are answers of one kind alone.
  ///
  /// - Throws: `DataError`.
  package static func requirePartners(in set: PreferenceSet, isTrained: Bool) throws(DataError) {
    guard !set.objective.isPaired else { return }
    let wanted = set.examples.count(where: \.isDesirable)
    if set.count > 1, wanted == 0 || wanted == set.count {
      Remarks.warn(
        "\(set.source): every answer has the label \(wanted > 0), so nothing tells good answers from bad ones; KTO needs both"
      )
    }
    guard set.count == 1 else { return }
    let problem =
      "1 row, expected at least 2 for KTO: the distance from the reference is estimated of answers to other prompts"
    guard !isTrained else { throw DataError(set.source, problem) }
    Remarks.warn("\(set.source): \(problem)")
  }
}
