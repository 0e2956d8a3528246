import LowRank

extension Model {
  /// The longest sequence whose values do not depend on the sequences beside it.
  ///
  /// Dynamic rotary positions, and those of long contexts, change with the longest sequence of a pass once it is beyond the
  /// length that the model was first trained for.
  public var servedLength: Int {
    let positions = architecture.positionLimit ?? architecture.positions
    let sections = [
      (try? config.optionalObject("rope_scaling")) ?? nil,
      (try? config.optionalObject("rope_parameters")) ?? nil,
    ]
    var length = positions
    for section in sections.compactMap(\.self) {
      let kind = section["rope_type"]?.string ?? section["type"]?.string
      guard kind == "dynamic" || kind == "longrope" || kind == "su" else { continue }
      let trained =
        section["original_max_position_embeddings"]?.integer
        ?? config["original_max_position_embeddings"]?.integer
      length = min(length, trained ?? positions)
    }
    return max(1, length)
  }
}
