/// How points are laid out in a file of comma-separated values.
public enum PointLayout: Sendable {
  /// One line per point: `step,name,value`.
  case long
  /// One line per step and a column per metric, sorted by name; empty where a step has no value. Of several values of a
  /// step the last counts.
  case wide
}

extension Sequence<MetricPoint> {
  /// The points as comma-separated values (RFC 4180: lines end in CR LF, names are quoted where they need it).
  public func csv(_ layout: PointLayout = .long) -> String {
    switch layout {
    case .long:
      CSV.text(["step", "name", "value"], lines: map { ["\($0.step)", $0.name, "\($0.value)"] })
    case .wide:
      wideCSV
    }
  }

  private var wideCSV: String {
    var steps: [Int: [String: Double]] = [:]
    for point in self { steps[point.step, default: [:]][point.name] = point.value }
    let names = Set(steps.values.lazy.flatMap(\.keys)).sorted()
    return CSV.text(
      ["step"] + names,
      lines: steps.sorted { $0.key < $1.key }.map { step, values in
        ["\(step)"] + names.map { name in values[name].map { "\($0)" } ?? "" }
      })
  }
}

/// Comma-separated values as RFC 4180 has them.
private enum CSV {
  static func text(_ header: [String], lines: [[String]]) -> String {
    var text = ""
    for line in [header] + lines {
      text += line.map(field).joined(separator: ",") + "\r\n"
    }
    return text
  }

  private static func field(_ text: String) -> String {
    guard text.utf8.contains(where: { Array(",\"\r\n".utf8).contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
