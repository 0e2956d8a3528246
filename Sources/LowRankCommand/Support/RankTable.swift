import Foundation
import LowRank

/// The ranks of a compressed adapter as lines for a terminal, a bar for each module.
struct RankTable {
  let text: String

  init(_ certificate: Certificate) {
    let modules = certificate.modules
    let width = modules.map(\.path.count).max() ?? 0
    let largest = modules.map(\.rankBefore).max() ?? 1
    let length = min(32, largest)
    text = modules.map { module in
      func cells(_ rank: Int) -> Int {
        Int((Double(rank) / Double(largest) * Double(length)).rounded(.up))
      }
      let (kept, all) = (cells(module.rankAfter), cells(module.rankBefore))
      let bar =
        String(repeating: "█", count: kept) + String(repeating: "·", count: all - kept)
        + String(repeating: " ", count: length - all)
      let lost = module.energy > 0 ? 100 * module.discardedEnergy / module.energy : 0
      return module.path.printable.padding(toLength: width, withPad: " ", startingAt: 0)
        + String(
          format: "  %@  %3d of %-3d  −%.2f %% energy", bar, module.rankAfter, module.rankBefore,
          lost)
    }.joined(separator: "\n")
  }
}
