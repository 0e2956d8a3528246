import Foundation

/// A process, told apart from a later one of the same number.
package struct ProcessIdentity: Hashable, Sendable {
  /// The host's name.
  package let host: String
  /// The kernel's identifier of the time since the machine was started.
  package let boot: String
  /// The name space in which the number counts; containers have their own.
  package let space: String
  /// The process's number.
  package let number: Int
  /// When it was started, in the clock ticks of `/proc/PID/stat`.
  package let start: Int

  /// The process of a number on this machine, nil where there is none or `/proc` does not tell.
  package init?(_ number: Int) {
    guard let start = Self.start(of: number), let boot = Self.boot, let space = Self.space else {
      return nil
    }
    self.init(host: hostName, boot: boot, space: space, number: number, start: start)
  }

  package init(host: String, boot: String, space: String, number: Int, start: Int) {
    self.host = host
    self.boot = boot
    self.space = space
    self.number = number
    self.start = start
  }

  /// Whether the process certainly runs no more.
  ///
  /// It ran on this machine, and the machine was started again since or has no such process. What runs on another machine
  /// or in another container cannot be seen.
  package var isGone: Bool {
    guard host == hostName, let boot = Self.boot else { return false }
    guard boot == self.boot else { return true }
    return space == Self.space && Self.start(of: number) != start
  }

  private static var boot: String? {
    (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8))?
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private static var space: String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
  }

  /// When a process was started, nil where there is none or it has ended and only waits to be noticed.
  private static func start(of number: Int) -> Int? {
    guard let stat = FileManager.default.contents(atPath: "/proc/\(number)/stat") else {
      return nil
    }
    // The second field is the program's name in parentheses, which may hold anything.
    let fields = String(decoding: stat, as: UTF8.self)
      .split(separator: ")").last?.split(separator: " ")
    guard let fields, fields.count > 19, !["Z", "X"].contains(fields[0]) else { return nil }
    return Int(fields[19])
  }
}
