/// Values in one line of text, lower and higher.
struct Sparkline {
  let text: String

  private static let levels = Array("▁▂▃▄▅▆▇█")

  /// A character for the mean of each of at most `width` groups of values; ! where one is not finite.
  init(_ values: [Double], width: Int = 32) {
    let count = min(width, values.count)
    let means = (0..<count).map { group in
      let members = values[group * values.count / count..<(group + 1) * values.count / count]
      return members.reduce(0) { $0 + $1 / Double(members.count) }
    }
    let finite = means.filter(\.isFinite)
    let (least, greatest) = (finite.min() ?? 0, finite.max() ?? 0)
    text = String(
      means.map { mean in
        guard mean.isFinite else { return "!" }
        guard greatest > least else { return Self.levels[3] }
        // Halves, since the difference of two finite values need not be.
        let height = (mean / 2 - least / 2) / (greatest / 2 - least / 2)
        return Self.levels[min(Int(height * 8), 7)]
      })
  }
}
