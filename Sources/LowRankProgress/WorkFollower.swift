/// Shows how far long work is.
///
/// ``Work`` calls it on the thread that does the work. It reads the numbers whenever it wants to show them.
public protocol WorkFollower: Sendable {
  /// Work has begun.
  func began(_ work: Work)
  /// Work has ended.
  func ended(_ work: Work)
}

/// Who follows the work of the current task.
public enum WorkFollowers {
  /// The follower; nil if nobody follows.
  @TaskLocal public static var current: (any WorkFollower)?
}
