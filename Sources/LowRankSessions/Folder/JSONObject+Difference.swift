import LowRank

extension JSONObject {
  /// The places in which two settings differ, in the order of the keys.
  ///
  /// A missing key, as in states from before a flag existed, is one that was not given: null.
  func differences(from old: JSONObject) -> [ResumeDifference] {
    var found: [ResumeDifference] = []
    for key in keys + old.keys.filter({ self[$0] == nil }) {
      let (before, now) = (old[key] ?? .null, self[key] ?? .null)
      // Of methods that were chosen, the whole choice counts: an option alone says little.
      if MethodChoice(before) == nil, let before = before.object, let now = now.object {
        found += now.differences(from: before).map {
          ResumeDifference(path: [key] + $0.path, before: $0.before, now: $0.now)
        }
      } else if before != now {
        found.append(ResumeDifference(path: [key], before: before, now: now))
      }
    }
    return found
  }
}
