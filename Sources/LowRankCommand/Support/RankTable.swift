import Foundation
import LowRank
import LowRankConsole

/// The ranks of a compressed adapter as lines for a terminal, a bar for each module.
struct RankTable {
  let text: String

  /// - Parameter columns: the width to fit; nil for the full width.
  init(_ certificate: Certificate, within columns: Int? = Terminal.resultColumns) {
    let modules = certificate.modules
    let largest = modules.map(\.rankBefore).max() ?? 1
    // Beside the bar stand "  123 of 123  −12.34 % energy" and, before it, the name.
    let length = min(32, largest, max(4, (columns ?? .max) / 4))
    let rows = modules.map { module in
      func cells(_ rank: Int) -> Int {
        Int((Double(rank) / Double(largest) * Double(length)).rounded(.up))
      }
      let (kept, all) = (cells(module.rankAfter), cells(module.rankBefore))
      let bar =
        String(repeating: "█", count: kept) + String(repeating: "·", count: all - kept)
        + String(repeating: " ", count: length - all)
      let lost = module.energy > 0 ? 100 * module.discardedEnergy / module.energy : 0
      return [
        module.path, bar, String(format: "%3d of %-3d", module.rankAfter, module.rankBefore),
        Self.change(lost),
      ]
    }
    text = TextTable(rows: rows, right: [1, 2, 3], within: columns).text
  }

  /// The energy that a module loses, in percent; 0 has no sign.
  private static func change(_ percent: Double) -> String {
    let digits = String(format: "%.2f", abs(percent))
    return (digits == "0.00" ? digits : "−" + digits) + " % energy"
  }
}
