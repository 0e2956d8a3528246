extension LinePlot {
  /// What it shows in sentences.
  public var summary: String {
    let kind = "A line plot of \(y.label) over \(x.label)."
    let each = series.map { series in
      let points = series.points.filter(shows)
      let name = series.name.isEmpty ? "The line" : series.name
      guard let first = points.first, let last = points.last,
        let low = points.map(\.y).min(), let high = points.map(\.y).max()
      else { return "\(name) has no points." }
      let range = "\(text(low)) to \(text(high))"
      return """
        \(name): \(points.count == 1 ? "1 point" : "\(points.count) points"), \
        \(x.title) from \(text(first.x)) to \(text(last.x)), \
        \(y.title) within \(range), at the end \(text(last.y)).
        """
    }
    let lines = shownReferences.map {
      switch $0 {
      case .horizontal(let value, let label): "\(label): a line at \(y.title) \(text(value))."
      case .vertical(let value, let label): "\(label): a line at \(x.title) \(text(value))."
      }
    }
    return ([kind] + each + lines + notes).joined(separator: " ")
  }

  /// The numbers it shows: one line for each value of the horizontal axis where no series has one twice.
  public var table: Report.Table {
    let places = series.map { $0.points.map(\.x).filter { !$0.isNaN } }
    let unique = zip(series, places).allSatisfy {
      $0.points.count == $1.count && Set($1).count == $1.count
    }
    guard unique else {
      return Report.Table(
        columns: ["Series", x.label, y.label],
        rows: series.flatMap { series in
          series.points.map { [.text(series.name), .number($0.x), .number($0.y)] }
        })
    }
    let values = series.map { series in
      Dictionary(series.points.map { ($0.x, $0.y) }) { first, _ in first }
    }
    return Report.Table(
      columns: [x.label] + series.map { $0.name.isEmpty ? y.label : $0.name },
      rows: Set(places.joined()).sorted().map { place in
        [.number(place)] + values.map { $0[place].map { .number($0) } ?? .empty }
      })
  }

  /// What is not shown, and why.
  var notes: [String] {
    series.flatMap { series -> [String] in
      let missing = series.points.filter { !shows($0) }
      let unusable = missing.filter { !(abs($0.x) < 1e300 && abs($0.y) < 1e300) }.count
      let low = missing.count - unusable
      let name = series.name.isEmpty ? "" : " of \(series.name)"
      return [
        (unusable, "without a finite value"),
        (low, "at or below zero, which a logarithmic axis cannot show"),
      ].filter { $0.0 > 0 }.map {
        "Left out: \($0.0) \($0.0 == 1 ? "point" : "points")\(name) \($0.1)."
      }
    }
  }

  private func text(_ number: Double) -> String { NumberText.short(number) }
}
