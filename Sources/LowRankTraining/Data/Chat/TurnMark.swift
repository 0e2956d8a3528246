import LowRankCheckpoints

extension ConversationReader {
  /// The keys that mark whether a message is trained: OpenAI's `weight`, and axolotl's `train` and `training`.
  private static let markKeys = ["weight", "train", "training"]

  /// Removes the mark from a message and returns it; nil if there is none.
  ///
  /// - Throws: `DataError` for values other than 0, 1, true and false, and if two keys contradict each other.
  func takeMark(from fields: inout JSONObject, _ name: String) throws(DataError) -> Bool? {
    var mark: Bool?
    for key in Self.markKeys {
      guard let value = fields[key] else { continue }
      fields[key] = nil
      guard value != .null else { continue }
      let isTrained: Bool
      switch (value.bool, value.double) {
      case (let bool?, _): isTrained = bool
      case (nil, 0): isTrained = false
      case (nil, 1): isTrained = true
      default:
        throw error(
          """
          "\(key)" of \(name) is \(value.text()), expected \(key == "weight" ? "0 or 1" : "true or false"): a turn is \
          trained or it is not
          """)
      }
      guard mark == nil || mark == isTrained else {
        throw error(
          "\(name) contradicts itself: \"weight\" and \"train\" disagree on whether it is trained"
        )
      }
      mark = isTrained
    }
    if let detail = fields["train_detail"], detail != .null {
      throw error(
        "\(name) has \"train_detail\", but a turn is trained whole or not at all; give \"train\" true or false"
      )
    }
    return mark
  }
}
