/// Horizontal bars, each of which may be a part of a total behind it.
///
/// Labels stand beside the bars where they take less than a third of the width, else above them. A value that is not
/// finite has no bar, and the figure says so.
public struct BarChart: Figure, Hashable, Sendable {
  /// A bar.
  public struct Bar: Hashable, Sendable {
    /// What it stands for.
    public var label: String
    /// Its length.
    public var value: Double
    /// What the value is a part of.
    public var total: Double?

    /// Makes the bar.
    public init(_ label: String, _ value: Double, of total: Double? = nil) {
      (self.label, self.value, self.total) = (label, value, total)
    }
  }

  /// A few words that say what is shown.
  public var title: String
  /// What the bars are, such as `module`.
  public var subject: String
  /// What their lengths are, such as `rank kept`; a linear axis.
  public var axis: Axis
  /// What totals are, such as `rank before`.
  public var totalName: String
  /// The bars, from top to bottom.
  public var bars: [Bar]

  /// Makes the chart.
  public init(
    _ title: String, subject: String, axis: Axis, totalName: String = "total", bars: [Bar]
  ) {
    precondition(axis.scale == .linear, "bars begin at zero, which a logarithmic axis lacks")
    (self.title, self.subject, self.axis) = (title, subject, axis)
    (self.totalName, self.bars) = (totalName, bars)
  }

  /// What it shows in sentences.
  public var summary: String {
    let shown = bars.filter { axis.shows($0.value) }
    let kind = "A bar chart of \(axis.label) by \(subject), \(bars.count) in all."
    guard let most = shown.max(by: { $0.value < $1.value }),
      let least = shown.min(by: { $0.value < $1.value })
    else { return ([kind, "No values."] + notes).joined(separator: " ") }
    let range = """
      Largest: \(most.label) with \(text(of: most)). Smallest: \(least.label) with \
      \(text(of: least)).
      """
    return ([kind, range] + notes).joined(separator: " ")
  }

  /// The numbers it shows.
  public var table: Report.Table {
    let totals = bars.contains { $0.total != nil }
    return Report.Table(
      columns: [subject, axis.label] + (totals ? [totalName] : []),
      rows: bars.map { bar in
        [.text(bar.label), .number(bar.value)]
          + (totals ? [bar.total.map { .number($0) } ?? .empty] : [])
      })
  }

  /// What stands beside a bar.
  func text(of bar: Bar) -> String {
    guard axis.shows(bar.value) else { return "no value" }
    let value = NumberText.short(bar.value, digits: 3)
    guard let total = bar.total, axis.shows(total) else { return value }
    return "\(value) of \(NumberText.short(total, digits: 3))"
  }

  /// What is not shown, and why.
  var notes: [String] {
    let missing = bars.filter { !axis.shows($0.value) }.count
    return missing == 0
      ? [] : ["\(missing) \(missing == 1 ? "bar has" : "bars have") no finite value."]
  }
}
