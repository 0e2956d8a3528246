import Foundation
import LowRank

/// What the process has taken of the machine's memory.
package enum ProcessMemory {
  /// The most bytes that were resident at once; 0 where the system does not tell.
  package static var peak: Int { bytes("VmHWM:") }
  /// The bytes that are resident; 0 where the system does not tell.
  package static var current: Int { bytes("VmRSS:") }
  /// Both.
  package static var resident: ResidentMemory { ResidentMemory(current: current, peak: peak) }

  private static func bytes(_ key: String) -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix(key) }),
      let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({
        Int($0)
      })
    else { return 0 }
    return kilobytes * 1024
  }
}
