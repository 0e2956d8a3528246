import Foundation

/// The time that a part of the statistics took.
public struct StatisticsTime: Hashable, Sendable {
  /// Seconds of the wall clock.
  public private(set) var seconds = 0.0
  /// Seconds of the processor, of all threads of the process.
  public private(set) var processorSeconds = 0.0

  /// No time.
  init() {}

  /// Where both clocks stand.
  static var now: StatisticsTime {
    func read(_ clock: clockid_t) -> Double {
      var time = timespec()
      clock_gettime(clock, &time)
      return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
    }
    var result = StatisticsTime()
    result.seconds = read(CLOCK_MONOTONIC)
    result.processorSeconds = read(CLOCK_PROCESS_CPUTIME_ID)
    return result
  }

  static func += (sum: inout StatisticsTime, part: StatisticsTime) {
    sum.seconds += part.seconds
    sum.processorSeconds += part.processorSeconds
  }

  static func - (end: StatisticsTime, start: StatisticsTime) -> StatisticsTime {
    var result = StatisticsTime()
    result.seconds = end.seconds - start.seconds
    result.processorSeconds = end.processorSeconds - start.processorSeconds
    return result
  }
}
