import Foundation
import LowRank
import LowRankSessions
import LowRankWorkshop
import Synchronization
import Testing

/// What a program printed, a line each.
private final class Printed: Sendable {
  private let kept = Mutex<[String]>([])
  var lines: [String] { kept.withLock { $0 } }

  func add(_ items: [Any]) {
    let line = items.map { "\($0)" }.joined(separator: " ")
    kept.withLock { $0.append(line) }
  }
}

/// Compiled alone: its model and data are not at hand.
// Lines are the README's.
// swift-format-ignore
private func stepByStep() throws {
  // README: import LowRank
  let base = try Model(from: "models/smollm", precision: .automatic)
  let data = try Dataset(at: "data/e2e", for: base)
  let lora = try Adapter(on: base, targets: .queryValue, update: .lora(rank: 8, alpha: 16))
  var training = try Training(lora, on: data.train, optimizer: .adamW(learningRate: 2e-4), steps: 1_000)
  while let step = try training.next() { print(step.number, step.loss) }
  try training.adapter.save(to: "adapters/e2e")
  // README.
}

/// The programs of README.md stand below, each between two marks; the last test holds their text to the README's.
@Suite struct `The Swift of the README` {
  @Test func `trains in a session`() throws {
    let (workshop, printed) = (try Workshop(), Printed())
    // The places of the README are those of a workshop here.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    func RunSettings(model: String, data: String, output: String) -> LowRankSessions.RunSettings {
      var settings = LowRankSessions.RunSettings(
        model: workshop.model.path, data: workshop.data.path, output: workshop.place("a").path)
      settings.records.noStore = true
      return settings
    }
    @Sendable func print(_ items: Any...) { printed.add(items) }
    // README: import LowRankSessions
    var settings = RunSettings(model: "models/smollm", data: "data/e2e", output: "adapters/e2e")
    settings.steps.epochs = 3
    (settings.evalEvery, settings.saveEvery, settings.patience) = (50, 50, 4)
    settings.resume = true
    let session = try TrainingSession(settings) { event in
      if case .evaluation(let step, let result) = event { print(step, result.loss) }
    }
    let summary = try session.run()
    print(summary.steps, summary.trainingLoss)
    // README.
    #expect(printed.lines.count == 2 && printed.lines.allSatisfy { $0.hasPrefix("30 ") })
    #expect(FileManager.default.fileExists(atPath: workshop.place("a/adapter_config.json").path))
  }

  @Test(arguments: ["import LowRank", "import LowRankSessions"])
  func `is the text that is compiled here`(first: String) throws {
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
    let root = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../README.md").standardizedFileURL
    let readme = try String(contentsOf: root, encoding: .utf8)
    func lines(of text: Substring) -> [String] {
      text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let compiled = try #require(
      source.split(separator: "// README: \(first)\n").last?.split(separator: "// README.").first)
    let shown = try #require(
      readme.split(separator: "```swift\n\(first)\n").last?.split(separator: "```").first)
    #expect(lines(of: compiled).dropLast() == lines(of: shown)[...] && lines(of: shown).count > 5)
  }
}
