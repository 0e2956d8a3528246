public import Foundation

/// The time that `strftime_now` tells a template.
public struct TemplateClock: Sendable {
  let now: @Sendable () -> Date
  let timeZone: TimeZone

  /// A clock that asks `now`, told in a time zone.
  public init(timeZone: TimeZone = .current, now: @escaping @Sendable () -> Date) {
    self.timeZone = timeZone
    self.now = now
  }

  /// The machine's clock, local time.
  public static let system = TemplateClock { Date() }

  /// A clock that stands still, so that what is rendered does not depend on the day.
  public static func fixed(
    _ date: Date, timeZone: TimeZone = TimeZone(secondsFromGMT: 0) ?? .current
  ) -> TemplateClock {
    TemplateClock(timeZone: timeZone) { date }
  }
}
