import Foundation

/// The memory that the process can still have.
package enum FreeMemory {
  /// The bytes that the system has available, or those left to the process's control group if they are fewer.
  package static var bytes: Int {
    [system, group].compactMap { $0 }.min() ?? Int(clamping: ProcessInfo.processInfo.physicalMemory)
  }

  private static var system: Int? {
    guard let line = lines("/proc/meminfo").first(where: { $0.hasPrefix("MemAvailable:") }) else {
      return nil
    }
    return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
  }

  /// What the limit of a control group (version 2) leaves; nil without a limit.
  private static var group: Int? {
    guard let path = lines("/proc/self/cgroup").first(where: { $0.hasPrefix("0::") })?.dropFirst(3),
      let limit = number("/sys/fs/cgroup\(path)/memory.max"),
      let used = number("/sys/fs/cgroup\(path)/memory.current")
    else { return nil }
    return max(0, limit - used)
  }

  private static func number(_ path: String) -> Int? { lines(path).first.flatMap { Int($0) } }

  private static func lines(_ path: String) -> [Substring] {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.split(separator: "\n")
  }
}
