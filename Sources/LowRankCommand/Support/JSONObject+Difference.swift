import LowRank

extension JSONObject {
  /// The first key in which two settings differ, with what they say.
  ///
  /// A missing key, as in states from before a flag existed, is one that was not given: null.
  func firstDifference(from old: JSONObject) -> (key: String, old: JSONValue, new: JSONValue)? {
    for key in keys + old.keys {
      let (before, now) = (old[key] ?? .null, self[key] ?? .null)
      if let before = before.object, let now = now.object {
        if let inner = now.firstDifference(from: before) { return inner }
      } else if before != now {
        return (key, before, now)
      }
    }
    return nil
  }
}
