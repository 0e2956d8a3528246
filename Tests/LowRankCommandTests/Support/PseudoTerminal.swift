import Foundation
import LowRank

/// Runs the program in a terminal of a given width, and keeps all that it wrote there.
struct PseudoTerminal {
  let status: Int32
  /// The bytes of standard output and standard error as text, without the carriage returns that terminals put before line
  /// feeds.
  let text: String

  /// What was written after the window was resized.
  let textAfterResizing: String

  enum Stream { case output, errors }

  /// - Parameters:
  ///   - streams: the streams that are the terminal; the others are no terminal and not kept.
  ///   - resized: the width of the window once the program has written something.
  init(
    _ arguments: [String], columns: UInt16, streams: Set<Stream> = [.output, .errors],
    environment: [String: String] = [:], resizedTo resized: UInt16? = nil
  ) throws {
    let master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    // TIOCSPTLCK and TIOCGPTN of Linux, macros that Swift does not import: unlock the other end, and ask for its number.
    var (locked, number) = (Int32(0), Int32(0))
    guard master >= 0, ioctl(master, 0x4004_5431, &locked) == 0,
      ioctl(master, 0x8004_5430, &number) == 0
    else { throw FileError("open", "a terminal", reason: String(cString: strerror(errno))) }
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    guard ioctl(master, UInt(TIOCSWINSZ), &size) == 0 else {
      throw FileError("resize", "a terminal", reason: String(cString: strerror(errno)))
    }
    let slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    let terminal = FileHandle(fileDescriptor: slave, closeOnDealloc: true)
    let process = Process()
    process.executableURL = Lowrank.program
    process.arguments = arguments
    var variables = ProcessInfo.processInfo.environment
    for name in ["NO_COLOR", "COLUMNS", "LOWRANK_PROGRESS_DELAY"] { variables[name] = nil }
    process.environment = variables.merging([
      "TERM": "xterm", "HF_HUB_OFFLINE": "1",
      "LOWRANK_RUNS": FileManager.default.temporaryDirectory
        .appending(path: "runs-\(UUID()).sqlite").path,
    ]) { $1 }.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = streams.contains(.output) ? terminal : FileHandle.nullDevice
    process.standardError = streams.contains(.errors) ? terminal : FileHandle.nullDevice
    try process.run()
    try terminal.close()
    var bytes: [UInt8] = []
    var resizedAt = 0
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    // The end of the last writer is an error of the terminal, not an end of file.
    while case let count = read(master, &buffer, buffer.count), count > 0 {
      bytes += buffer[..<count]
      if let resized, size.ws_col != resized {
        size.ws_col = resized
        _ = ioctl(master, UInt(TIOCSWINSZ), &size)
        resizedAt = bytes.count
      }
    }
    close(master)
    process.waitUntilExit()
    status = process.terminationStatus
    text = String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n")
    textAfterResizing = String(decoding: bytes[resizedAt...], as: UTF8.self)
  }

  /// The states of the line that is rewritten in place, without those that erase it.
  var rewritten: [String] { Self.rewritten(in: text) }

  /// The same of a part of the text.
  static func rewritten(in text: String) -> [String] {
    text.split(separator: "\r").dropFirst().compactMap { piece in
      guard let end = piece.firstRange(of: "\u{1b}[K") else { return nil }
      return end.lowerBound == piece.startIndex ? nil : String(piece[..<end.lowerBound])
    }
  }

  /// What stays on the screen: every line as it was left, without colours.
  var lines: [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let last = line.split(separator: "\r", omittingEmptySubsequences: false).last ?? ""
      return String(last).replacing("\u{1b}[K", with: "")
        .replacing(/\u{1b}\[[0-9;]*m/, with: "")
    }
  }

  /// The columns of a text by the ranges of wide characters in Unicode's EastAsianWidth.txt.
  static func columns(of text: String) -> Int {
    text.unicodeScalars.reduce(0) { sum, scalar in
      switch scalar.value {
      case 0x300...0x36f, 0x200b...0x200f: sum
      case 0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f,
        0xff00...0xff60, 0x1f300...0x1f64f, 0x1f900...0x1f9ff:
        sum + 2
      default: sum + 1
      }
    }
  }
}
