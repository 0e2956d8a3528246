import Foundation
import LowRank

/// How a run shows itself: one live line on a terminal, a plain line now and then elsewhere.
struct ProgressLine {
  private let steps: Int
  private let start = ContinuousClock.now
  private let firstStep: Int
  private var lastShown = ContinuousClock.now - .seconds(60)
  private var tokens = 0
  private var seconds = 0.0
  private var loss: Double?
  private var isLineOpen = false

  /// A run of `steps` steps of which some are done.
  init(steps: Int, from firstStep: Int) {
    self.steps = steps
    self.firstStep = firstStep
  }

  /// Shows a step, at most ten times a second on a terminal and every ten seconds elsewhere.
  mutating func show(_ step: TrainingStep) {
    tokens += step.inputTokens
    seconds += step.seconds
    loss = loss.map { 0.9 * $0 + 0.1 * step.loss } ?? step.loss
    let interval: Duration = Console.isTerminal ? .milliseconds(100) : .seconds(10)
    let now = ContinuousClock.now
    guard now - lastShown >= interval || step.number == steps else { return }
    lastShown = now
    let elapsed = (now - start) / .seconds(1)
    let rest = elapsed / Double(step.number - firstStep) * Double(steps - step.number)
    let line = String(
      format: "step %d/%d  loss %.4f  %.0f tokens/s  %@ left  %.2f GB", step.number, steps,
      loss ?? step.loss, Double(tokens) / max(seconds, 1e-9), Self.clock(rest),
      Double(ProcessMemory.peak) / 1e9)
    if Console.isTerminal {
      Console.rewrite(line)
      isLineOpen = true
    } else {
      Console.write(line)
    }
  }

  /// Writes a line of its own.
  mutating func note(_ text: String) {
    finish()
    Console.write(text)
  }

  /// Ends the live line.
  mutating func finish() {
    if isLineOpen { Console.write("") }
    isLineOpen = false
  }

  /// Seconds as hours, minutes and seconds.
  static func clock(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    return String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
  }
}
