import Foundation
import Testing

@Suite struct `Mutated headers of GGUF files` {
  @Test func `are read or refused, and never end the program`() throws {
    let process = Process()
    process.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appending(path: "lowrank-gguf-fuzz")
    process.arguments = [GGUFFixture.root.path, "2000", "15"]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let line = String(decoding: data, as: UTF8.self)
    #expect(process.terminationReason == .exit && process.terminationStatus == 0, "\(line)")
    // Both kinds of outcome are met, so the mutations are neither harmless nor all at the first byte.
    let counts = line.split(separator: " ").compactMap { Int($0) }
    #expect(
      counts.count == 5 && counts[0] == 2000 && counts.dropFirst().allSatisfy { $0 > 0 }, "\(line)")
  }
}
