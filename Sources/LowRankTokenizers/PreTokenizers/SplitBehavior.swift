/// What becomes of the matches of a pattern that a text is split at.
enum SplitBehavior: String, Sendable {
  case removed = "Removed"
  case isolated = "Isolated"
  case mergedWithPrevious = "MergedWithPrevious"
  case mergedWithNext = "MergedWithNext"
  case contiguous = "Contiguous"
}

extension PreTokenizedText {
  /// Splits every piece at the matches of a pattern or, where `inverted`, at what lies between them.
  mutating func split(
    at pattern: any Pattern, _ behavior: SplitBehavior, inverted: Bool = false,
    _ classes: inout ScalarClasses
  ) {
    split { bytes, emit in
      if behavior == .isolated {
        pattern.isolate(in: bytes, &classes, emit)
      } else {
        var segments: [(range: Range<Int>, isMatch: Bool)] = []
        var at = 0
        while let match = pattern.match(in: bytes, from: at, &classes) {
          if match.lowerBound > at { segments.append((at..<match.lowerBound, inverted)) }
          segments.append((match, !inverted))
          at = match.upperBound
        }
        if at < bytes.count { segments.append((at..<bytes.count, inverted)) }
        behavior.join(segments).forEach(emit)
      }
    }
  }
}

extension Pattern {
  /// All matches and all that lies between them: whichever is called which.
  fileprivate func isolate(
    in bytes: UnsafeBufferPointer<UInt8>, _ classes: inout ScalarClasses,
    _ emit: (Range<Int>) -> Void
  ) {
    var at = 0
    while let match = match(in: bytes, from: at, &classes) {
      if match.lowerBound > at { emit(at..<match.lowerBound) }
      emit(match)
      at = match.upperBound
    }
    if at < bytes.count { emit(at..<bytes.count) }
  }
}

extension SplitBehavior {
  fileprivate func join(_ segments: [(range: Range<Int>, isMatch: Bool)]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var previousMatched = false
    switch self {
    case .isolated:
      return segments.map(\.range)
    case .removed:
      return segments.filter { !$0.isMatch }.map(\.range)
    case .contiguous, .mergedWithPrevious:
      for (range, isMatch) in segments {
        let joins =
          self == .contiguous ? isMatch == previousMatched : isMatch && !previousMatched
        if joins, let last = result.popLast() {
          result.append(last.lowerBound..<range.upperBound)
        } else {
          result.append(range)
        }
        previousMatched = isMatch
      }
      return result
    case .mergedWithNext:
      for (range, isMatch) in segments.reversed() {
        if isMatch, !previousMatched, let next = result.popLast() {
          result.append(range.lowerBound..<next.upperBound)
        } else {
          result.append(range)
        }
        previousMatched = isMatch
      }
      return result.reversed()
    }
  }
}
