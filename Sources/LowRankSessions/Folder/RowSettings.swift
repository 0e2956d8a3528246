import LowRank

/// The settings that say how rows are read, as a part of what makes a run the run it is: they are compared before the rows are read.
enum RowSettings {
  /// The key under which a state keeps them.
  static let key = "row_flags"

  /// Leaves out of both settings what tells nothing: all of it for states of earlier versions, and columns that one side
  /// leaves to be found by their names, which may be the ones that the other side gives.
  static func align(_ old: inout JSONObject, _ new: inout JSONObject) {
    guard var before = old[key]?.object, var now = new[key]?.object else {
      (old[key], new[key]) = (nil, nil)
      return
    }
    for column in ["text_column", "label_column", "prompt_column", "completion_column"]
    where [before[column], now[column]].contains(where: { $0 == nil || $0 == .null }) {
      (before[column], now[column]) = (nil, nil)
    }
    (old[key], new[key]) = (.object(before), .object(now))
  }
}
