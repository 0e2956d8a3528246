import Foundation
import LowRankKeys

/// Compares what a run holds with what was planned for it, and says once where that is exceeded.
package struct MemoryWatch: Sendable {
  /// The peak that was planned; nil where there is no plan.
  package private(set) var planned: Int?
  /// Whether the next step is looked at in any case, as after an evaluation.
  package var isDue = false
  private var bound = Int.max
  private var limit: Int?
  /// What the process may hold after a step, so that the next one keeps to the limit.
  private var room = Int.max
  private var steps = 0

  /// A watch without a plan, which says nothing.
  package init() {}

  /// A watch over a run with a plan and, where one was given, a limit.
  package init(planned: Int, limit: Int?) {
    self.planned = planned
    self.limit = limit
    // A plan without a limit is within a tenth.
    bound = limit ?? planned + planned / 10
    if let limit { room = (MemoryPlan.room(of: limit) + limit) / 2 }
  }

  /// The bytes that the process may hold between two steps, asked for at every fourth step; nil without a limit, and in between.
  package var roomIfDue: Int? {
    guard room < .max, steps.isMultiple(of: 4) || steps < 4 else { return nil }
    return room
  }

  /// What is to be said after a step, if anything.
  ///
  /// - Parameter peak: the most that the process held at one time; asked for now and then, since that takes some time.
  package mutating func sentence(_ peak: () -> Int) -> String? {
    steps += 1
    guard bound < .max, isDue || steps.isMultiple(of: 16) || steps < 4 else { return nil }
    isDue = false
    let held = peak()
    guard held > bound else { return nil }
    bound = .max
    func text(_ bytes: Int) -> String { String(format: "%.1f MB", Double(bytes) / 1e6) }
    let compared =
      limit.map { "\(setting: "memory_limit") \(text($0)) allows" }
      ?? "the \(text(planned ?? 0)) that were planned"
    return "warning: the run held \(text(held)) of memory, more than \(compared)"
  }
}
