import LowRankCheckpoints
import LowRankKeys

extension RowLayout {
  /// Completes columns of which only the prompt or only the completion is given.
  ///
  /// The other column is the one of the usual name, the one that an adapter was trained on, that of a known pair, or the
  /// only one that is known to hold it; the first of these that the row has.
  /// - Throws: `DataError` that names what was found where none or several fit.
  static func completed(
    _ given: TextColumns, for row: DataRow, in table: DataTable
  ) throws(DataError) -> TextColumns {
    func has(_ name: String) -> Bool { row.fields[name] != nil }
    guard !given.isPreference, given.text == nil, given.template == nil else { return given }
    var columns = given
    switch (given.prompt, given.completion) {
    case (let prompt?, nil) where !has("completion"):
      guard has(prompt) else { return given }
      let answers = prompt == "instruction" ? ["output", "response"] : []
      let known = pairs.filter { $0.0 == prompt }.map(\.1) + answers
      columns.completion = try partner(
        of: prompt, given.keptPartner, known, pairs.map(\.1), row, table,
        Side("prompt_column", "completion", "completion_column"))
    case (nil, let completion?) where !has("prompt"):
      guard has(completion) else { return given }
      // Beside an instruction, an input or a context is a part of the prompt.
      let isInstruction = has("instruction")
      let known = isInstruction ? [] : pairs.filter { $0.1 == completion }.map(\.0)
      columns.prompt = try partner(
        of: completion, given.keptPartner, known,
        (isInstruction ? ["instruction", "context"] : []) + promptNames, row, table,
        Side("completion_column", "prompt", "prompt_column"))
    default: return given
    }
    return columns
  }

  /// The words of an error about one side of a pair.
  private struct Side {
    let given: Setting
    let missing: String
    let wanted: Setting

    init(_ given: Setting, _ missing: String, _ wanted: Setting) {
      (self.given, self.missing, self.wanted) = (given, missing, wanted)
    }
  }

  private static func partner(
    of given: String, _ kept: String?, _ known: [String], _ usual: [String], _ row: DataRow,
    _ table: DataTable, _ side: Side
  ) throws(DataError) -> String {
    func found(_ names: [String]) -> [String] {
      var found: [String] = []
      for name in names
      where name != given && row.fields[name] != nil && !found.contains(name) { found.append(name) }
      return found
    }
    let kept = found(kept.map { [$0] } ?? [])
    let candidates = [kept, found(known), found(usual)].first { !$0.isEmpty } ?? []
    if candidates.count == 1 { return candidates[0] }
    let problem =
      candidates.isEmpty
      ? "no other \(table.format.fieldName.one) is known to hold the \(side.missing)"
      : "\(candidates.map { "\"\($0)\"" }.joined(separator: " or ")) may be the \(side.missing)"
    throw DataError(
      table.place(of: row),
      "\(side.given) is \"\(given)\", and \(problem); name it with \(side.wanted), \(table.listing(row.fields.keys))"
    )
  }
}
