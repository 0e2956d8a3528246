/// Dates and times in the form of ISO 8601, as Python's `isoformat` writes them.
enum CalendarText {
  /// `2024-05-01`, of days since 1970.
  static func date(_ days: Int64) -> String {
    let (year, month, day) = civil(days)
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }

  /// `13:05:00`, with six or nine digits of a second if it has a fraction.
  static func time(_ count: Int64, _ unit: TimeUnit) -> String {
    let perSecond = Int64(unit.rawValue)
    let (seconds, fraction) = flooredDivision(count, perSecond)
    let (hours, rest) = flooredDivision(seconds, 3600)
    let nanoseconds = fraction * (1_000_000_000 / perSecond)
    let text = "\(padded(hours, 2)):\(padded(rest / 60, 2)):\(padded(rest % 60, 2))"
    guard nanoseconds != 0 else { return text }
    return text + "."
      + (nanoseconds % 1000 == 0 ? padded(nanoseconds / 1000, 6) : padded(nanoseconds, 9))
  }

  /// `2024-05-01T13:05:00`, of a time since 1970; one in UTC ends in `Z`.
  static func timestamp(_ count: Int64, _ unit: TimeUnit, isUTC: Bool) -> String {
    let (days, rest) = flooredDivision(count, 86_400 * Int64(unit.rawValue))
    return date(days) + "T" + time(rest, unit) + (isUTC ? "Z" : "")
  }

  /// The timestamp of a Julian day and the nanoseconds in it, in which old writers keep times (INT96).
  static func timestamp(julianDay: UInt32, nanoseconds: UInt64) -> String {
    let day = Int64(86_400_000_000_000)
    let (days, rest) = flooredDivision(Int64(bitPattern: nanoseconds), day)
    return date(Int64(julianDay) - 2_440_588 + days) + "T" + time(rest, .nanoseconds)
  }

  private static func flooredDivision(_ a: Int64, _ b: Int64) -> (quotient: Int64, rest: Int64) {
    let (quotient, rest) = a.quotientAndRemainder(dividingBy: b)
    return rest < 0 ? (quotient - 1, rest + b) : (quotient, rest)
  }

  private static func padded(_ number: Int64, _ digits: Int) -> String {
    let text = String(number.magnitude)
    return (number < 0 ? "-" : "")
      + String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }

  /// The date in the Gregorian calendar of days since 1970.
  ///
  /// (Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`)
  private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    // Days beyond a hundred million years occur in damaged files only.
    let shifted = max(-1 << 40, min(days, 1 << 40)) + 719_468
    let (era, dayOfEra) = flooredDivision(shifted, 146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (
      yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
      dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    )
  }
}
