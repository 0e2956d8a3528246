import Synchronization

/// Work that takes long and counts what it has done, for a ``WorkFollower`` to show.
///
/// A function that may take long creates one, counts with ``advance(by:)``, and ends it with ``end()``. Work that begins
/// inside other work is a part of it. Without a follower nothing is shown, and counting costs an atomic addition.
///
/// ```swift
/// let work = Work("evaluating", of: rows.count, .rows)
/// defer { work.end() }
/// for row in rows {
///   evaluate(row)
///   work.advance()
/// }
/// ```
public final class Work: Sendable {
  /// What is counted.
  public enum Unit: String, Sendable, CaseIterable {
    case bytes, directions, files, modules, points, rows, samples, steps, tensors, texts, tries
  }

  /// What is being done, such as `reading data/train.jsonl`.
  public let activity: String
  /// What is counted.
  public let unit: Unit
  /// When the work began.
  public let start = ContinuousClock.now

  private static let unknown = -1
  private let doneCount = Atomic<Int>(0)
  private let totalCount: Atomic<Int>
  private let text = Mutex("")
  private let hasEnded = Atomic<Bool>(false)
  private let follower: (any WorkFollower)?

  /// Begins work, and tells the follower of the current task.
  ///
  /// - Parameters:
  ///   - activity: what is being done, in words that can begin a sentence without a capital.
  ///   - total: the number of units to do; nil if it is not known.
  public init(_ activity: String, of total: Int? = nil, _ unit: Unit = .rows) {
    self.activity = activity
    self.unit = unit
    totalCount = Atomic(total ?? Self.unknown)
    follower = WorkFollowers.current
    follower?.began(self)
  }

  /// The number of units that are done.
  public var done: Int { doneCount.load(ordering: .relaxed) }

  /// The number of units to do; nil if it is not known.
  public var total: Int? {
    let total = totalCount.load(ordering: .relaxed)
    return total == Self.unknown ? nil : total
  }

  /// What the work is at, such as the name of a module; empty if nobody said.
  public var detail: String {
    get { text.withLock { $0 } }
    set { text.withLock { $0 = newValue } }
  }

  /// Counts units that are done, on any thread.
  public func advance(by count: Int = 1) { doneCount.add(count, ordering: .relaxed) }

  /// Replaces both numbers, for work whose size becomes known on the way.
  public func update(done: Int, of total: Int?) {
    doneCount.store(done, ordering: .relaxed)
    totalCount.store(total ?? Self.unknown, ordering: .relaxed)
  }

  /// Ends the work, whether it succeeded or failed; only the first call counts.
  public func end() {
    guard !hasEnded.exchange(true, ordering: .relaxed) else { return }
    follower?.ended(self)
  }
}
