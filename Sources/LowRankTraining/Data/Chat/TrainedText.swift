/// A text, and which of its bytes are trained.
struct TrainedText {
  /// The text.
  var text: String
  /// The bytes of UTF-8 that are trained, in order.
  var trained: [Range<Int>]
  /// Whether a token that only reaches into those bytes is trained; otherwise it lies within.
  var takesCrossing = false
  /// The number of turns to train that have no certain position in the text.
  var unplaced = 0
  /// The number of turns that the row excludes from training.
  var marked = 0
  /// Whether the row excludes all of its turns from training.
  var isWhollyMarked = false

  /// The tokens that are trained, given the bytes that each stands for.
  func tokens(_ offsets: [Range<Int>]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for bytes in trained {
      func isTrained(_ token: Range<Int>) -> Bool {
        guard !token.isEmpty else { return false }
        return takesCrossing
          ? token.overlaps(bytes)
          : token.lowerBound >= bytes.lowerBound && token.upperBound <= bytes.upperBound
      }
      let from = runs.last?.upperBound ?? 0
      guard let first = offsets[from...].firstIndex(where: isTrained),
        let last = offsets[first...].lastIndex(where: isTrained)
      else { continue }
      runs.append(first..<last + 1)
    }
    return runs
  }
}
