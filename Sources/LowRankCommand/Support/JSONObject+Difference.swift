import LowRank

extension JSONObject {
  /// The first place in which two settings differ, with what they say there.
  ///
  /// A missing key, as in states from before a flag existed, is one that was not given: null.
  /// - Returns: the keys that lead to the place, the outermost first, and both values.
  func firstDifference(
    from old: JSONObject
  ) -> (path: [String], old: JSONValue, new: JSONValue)? {
    for key in keys + old.keys {
      let (before, now) = (old[key] ?? .null, self[key] ?? .null)
      if let before = before.object, let now = now.object {
        if let inner = now.firstDifference(from: before) {
          return ([key] + inner.path, inner.old, inner.new)
        }
      } else if before != now {
        return ([key], before, now)
      }
    }
    return nil
  }
}
