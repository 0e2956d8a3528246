/// One line of parts, of which the least important are left out where a terminal is too narrow for all.
package struct FittedLine: Hashable, Sendable {
  /// A part of the line.
  package struct Part: Hashable, Sendable {
    /// The words.
    package let text: String
    /// Shorter words that say the same; nil if there are none.
    package let shorter: String?
    /// The order in which parts are left out, the greatest first; the part with 0 stays.
    package let order: Int
    /// The width down to which the middle may be replaced by `…`; nil if the words stay whole.
    package let shortest: Int?

    package init(_ text: String, shorter: String? = nil, order: Int, shortest: Int? = nil) {
      (self.text, self.shorter, self.order, self.shortest) = (text, shorter, order, shortest)
    }
  }

  /// The parts, in the order in which they are shown.
  package let parts: [Part]

  package init(_ parts: [Part]) { self.parts = parts.filter { !$0.text.isEmpty } }

  /// The whole line.
  package var text: String { parts.map(\.text).joined(separator: Self.gap) }

  private static let gap = "  "

  /// The line in at most so many columns.
  ///
  /// First parts are left out that may not be shortened and are not among the three most important; then shorter words are
  /// taken, then the middle of a part is left out, then further parts.
  package func text(within columns: Int) -> String {
    var kept = parts
    while Self.width(kept) > columns, let last = Self.least(of: kept, above: 2) {
      kept.remove(at: last)
    }
    if Self.width(kept) > columns {
      kept = kept.map { Part($0.shorter ?? $0.text, order: $0.order, shortest: $0.shortest) }
    }
    while true {
      let excess = Self.width(kept) - columns
      guard excess > 0 else { break }
      if let index = kept.firstIndex(where: { $0.shortest != nil }) {
        let part = kept[index]
        let target = displayWidth(part.text) - excess
        if target >= part.shortest ?? 0 {
          kept[index] = Part(part.text.shortened(to: target), order: part.order)
          break
        }
      }
      guard let last = Self.least(of: kept, above: 0) else { break }
      kept.remove(at: last)
    }
    let text = FittedLine(kept).text
    return displayWidth(text) <= columns ? text : text.shortened(to: columns)
  }

  private static func width(_ parts: [Part]) -> Int {
    parts.reduce(0) { $0 + displayWidth($1.text) } + gap.count * max(0, parts.count - 1)
  }

  /// The least important part of those with a order above a bound.
  private static func least(of parts: [Part], above bound: Int) -> Int? {
    parts.indices.filter { parts[$0].order > bound }.max { parts[$0].order < parts[$1].order }
  }
}
