import Foundation
import Testing

@Suite struct `Mutated files of torch` {
  /// Runs a program of its own that counts allocations; LOWRANK_TORCH_MUTATIONS says how many files it reads.
  @Test func `are read or refused without a crash, and never take more than four times their size`()
    throws
  {
    let count = ProcessInfo.processInfo.environment["LOWRANK_TORCH_MUTATIONS"] ?? "4000"
    let (process, output) = (Process(), Pipe())
    process.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appending(path: "lowrank-torch-fuzz")
    process.currentDirectoryURL = FileManager.default.temporaryDirectory
    process.arguments = [Fixtures.folder.path, count, "7"]
    process.standardOutput = output
    try process.run()
    let text = String(
      decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 0, "\(text)")
    #expect(text.hasPrefix("\(count) mutations of "), "\(text)")
    // Mutations that are all refused would test little.
    #expect(!text.contains(": 0 read"), "\(text)")
  }
}
