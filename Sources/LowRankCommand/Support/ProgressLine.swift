import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// How training shows itself: one live line on a terminal, a plain line now and then elsewhere.
struct ProgressLine {
  private let steps: Int
  private let start = ContinuousClock.now
  private let firstStep: Int
  private var lastShown: ContinuousClock.Instant?
  /// The last step, if it was not shown.
  private var unshown: TrainingStep?
  private var tokens = 0
  private var seconds = 0.0
  /// The mean loss of the last steps, of which each counts nine tenths of the next.
  private var loss: Double?

  /// A run of `steps` steps of which some are done.
  init(steps: Int, from firstStep: Int) {
    self.steps = steps
    self.firstStep = firstStep
  }

  /// Shows a step.
  ///
  /// On a terminal at most ten times a second; elsewhere every ten seconds, later after each twentieth of the time so far,
  /// so that the log of a long run stays short.
  mutating func show(_ step: TrainingStep) {
    tokens += step.inputTokens
    seconds += step.seconds
    loss = loss.map { 0.9 * $0 + 0.1 * step.loss } ?? step.loss
    guard Processes.isFirst, !Voice.isQuiet else { return }
    let now = ContinuousClock.now
    let elapsed = (now - start) / .seconds(1)
    let interval: Duration =
      StatusLine.isLive ? .milliseconds(100) : .seconds(max(10, elapsed / 20))
    let isDue = lastShown.map { now - $0 >= interval } ?? true
    unshown = isDue || step.number == steps ? nil : step
    guard unshown == nil else { return }
    lastShown = now
    let line = line(step, after: elapsed)
    if StatusLine.isLive { StatusLine.shared.show(line) } else { Console.write(line.text) }
  }

  private func line(_ step: TrainingStep, after elapsed: Double) -> FittedLine {
    let rest = elapsed / Double(step.number - firstStep) * Double(steps - step.number)
    return FittedLine(
      [
        .init(
          "step \(step.number)/\(steps)", shorter: "\(step.number)/\(steps)", order: 0),
        .init(
          String(format: "smoothed loss %.4f", loss ?? step.loss),
          shorter: String(format: "loss ~%.3f", loss ?? step.loss), order: 1),
      ] + preferences(step) + [
        .init(String(format: "%.0f tokens/s", Double(tokens) / max(seconds, 1e-9)), order: 3),
        .init("\(WorkLine.clock(rest)) left", order: 2),
        .init(step.totalRank.map { "total rank \($0)" } ?? "", order: 7),
        .init(String(format: "%.2f GB", Double(ProcessMemory.peak) / 1e9), order: 4),
      ])
  }

  /// What a step says of preferences; empty for other objectives.
  private func preferences(_ step: TrainingStep) -> [FittedLine.Part] {
    guard let measures = step.preferences else { return [] }
    let margin = measures.margin.map {
      FittedLine.Part(String(format: "margin %.3f", $0), order: 6)
    }
    return [.init(String(format: "accuracy %.2f", measures.accuracy), order: 5)]
      + [margin].compactMap { $0 }
  }

  /// Writes a line of its own.
  mutating func note(_ text: String) {
    finish()
    Console.write(text)
  }

  /// Leaves the last step's line as it stands.
  mutating func finish() {
    if let step = unshown, StatusLine.isLive {
      StatusLine.shared.show(line(step, after: (ContinuousClock.now - start) / .seconds(1)))
    }
    unshown = nil
    StatusLine.shared.keep()
  }

  /// Seconds as hours, minutes and seconds.
  static func clock(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    return String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
  }
}
