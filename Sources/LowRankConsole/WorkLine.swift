import Foundation
import LowRankCheckpoints
import LowRankProgress

/// What a line says of work in progress: what is done, n of N, how fast, and the time left.
package struct WorkLine {
  /// Work, the outermost first, each a part of the one before.
  private let works: [Work]

  /// The line of work in progress, the outermost first.
  package init(_ works: [Work]) { self.works = works }

  /// The line at a moment.
  package func line(at now: ContinuousClock.Instant = .now) -> FittedLine {
    guard let outer = works.first, let inner = works.last else { return FittedLine([]) }
    let counted = works.first { ($0.total ?? 0) > 1 } ?? inner
    var parts = [FittedLine.Part(outer.activity, order: 2, shortest: 8)]
    if let total = counted.total, total > 0 {
      parts.append(Self.count(counted, of: total))
    } else if counted.done > 0 {
      parts.append(.init(Self.amount(counted.done, counted.unit), order: 0))
    } else {
      parts.append(.init(Self.clock((now - outer.start) / .seconds(1)), order: 0))
    }
    if let rate = rate(of: counted, at: now) { parts.append(.init(rate, order: 3)) }
    if let left = secondsLeft(of: counted, at: now) {
      parts.append(.init("\(Self.clock(left)) left", order: 1))
    }
    let details =
      works.map(\.detail)
      + (inner.activity == outer.activity
        ? [] : [inner === counted ? inner.activity : Self.summary(inner)])
    if let detail = details.last(where: { !$0.isEmpty }) {
      parts.append(.init("(\(detail.printable))", order: 4, shortest: nil))
    }
    return FittedLine(parts)
  }

  private static func count(_ work: Work, of total: Int) -> FittedLine.Part {
    let done = min(work.done, total)
    guard work.unit != .bytes else {
      return .init("\(size(done)) of \(size(total))", order: 0)
    }
    let noun = total == 1 ? work.unit.singular : work.unit.rawValue
    return .init("\(done) of \(total) \(noun)", shorter: "\(done)/\(total) \(noun)", order: 0)
  }

  /// What inner work has done, such as `evaluating valid.jsonl, 12 of 100 rows`.
  private static func summary(_ work: Work) -> String {
    guard let total = work.total, total > 0 else { return work.activity }
    return "\(work.activity), \(count(work, of: total).text)"
  }

  private func rate(of work: Work, at now: ContinuousClock.Instant) -> String? {
    let seconds = (now - work.start) / .seconds(1)
    guard work.done > 0, seconds > 0 else { return nil }
    let rate = Double(work.done) / seconds
    if work.unit == .bytes { return Self.size(Int(rate)) + "/s" }
    if rate >= 10 { return String(format: "%.0f %@/s", rate, work.unit.rawValue) }
    if rate >= 1 { return String(format: "%.1f %@/s", rate, work.unit.rawValue) }
    return String(format: "%.1f s/%@", 1 / rate, work.unit.singular)
  }

  /// The seconds that the rest takes at the speed so far, counting what is done of inner work.
  private func secondsLeft(of work: Work, at now: ContinuousClock.Instant) -> Double? {
    guard let start = works.firstIndex(where: { $0 === work }), let total = work.total, total > 0
    else { return nil }
    let share = works[start...].reversed().reduce(0.0) { inner, work in
      guard let total = work.total, total > 0 else { return 0 }
      return min(1, (Double(work.done) + inner) / Double(total))
    }
    let elapsed = (now - work.start) / .seconds(1)
    guard share > 0, elapsed >= 1 else { return nil }
    return elapsed / share * (1 - share)
  }

  private static func amount(_ count: Int, _ unit: Work.Unit) -> String {
    unit == .bytes ? size(count) : "\(count) \(count == 1 ? unit.singular : unit.rawValue)"
  }

  /// Seconds as minutes and seconds, with hours if there are any: `0:31`, `1:02:03`.
  package static func clock(_ seconds: Double) -> String {
    let whole = Int(max(0, min(seconds, 3.6e9)).rounded())
    guard whole >= 3600 else { return String(format: "%d:%02d", whole / 60, whole % 60) }
    return String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
  }

  /// Bytes in the unit that reads best.
  package static func size(_ bytes: Int) -> String {
    let number = Double(bytes)
    return switch bytes {
    case ..<1000: "\(bytes) B"
    case ..<1_000_000: String(format: "%.0f kB", number / 1e3)
    case ..<1_000_000_000: String(format: "%.1f MB", number / 1e6)
    default: String(format: "%.2f GB", number / 1e9)
    }
  }
}

extension Work.Unit {
  /// The name of one.
  var singular: String { self == .tries ? "try" : String(rawValue.dropLast()) }
}
