import Foundation
import Testing

@Suite struct `Flags of the paper's experiments` {
  /// The program beside the tests.
  private static let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    .appending(path: "lowrank-paper")

  private static let folders = [
    "--model", "/nowhere/m", "--data", "/nowhere/d", "--output",
    FileManager.default.temporaryDirectory.appending(path: "paper-\(UUID())").path,
  ]

  @Test(
    arguments: [
      (["rank-sweep"], 2, "error: --model DIR is missing"),
      (
        ["seeds", "--rank", "0"] + folders, 2,
        "error: --rank is 0, expected a number from 1 to 65536"
      ),
      (
        ["all", "--iters", "0"] + folders, 2,
        "error: --iters is 0, expected a number from 1 to 1000000000"
      ),
      (
        ["amplification", "--precision", "f8"] + folders, 2,
        "error: --precision is \"f8\", expected f32, bf16 or auto"
      ),
      (
        ["nested-ranks"] + folders, 1,
        "error: /nowhere/m does not exist: expected a model's folder or a GGUF file"
      ),
    ] as [([String], Int32, String)])
  func `are refused in one sentence`(
    _ arguments: [String], _ status: Int32, _ sentence: String
  ) throws {
    let process = Process()
    let errors = Pipe()
    process.executableURL = Self.program
    process.arguments = arguments
    process.standardError = errors
    try process.run()
    let said = try errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == status)
    #expect(String(decoding: said, as: UTF8.self) == sentence + "\n")
  }
}
