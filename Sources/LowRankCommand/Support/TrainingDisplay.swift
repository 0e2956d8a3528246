import LowRank
import LowRankConsole
import LowRankSessions
import Synchronization

/// Shows the events of a run: steps on the progress line, everything else below it.
final class TrainingDisplay: Sendable {
  private let progress = Mutex<ProgressLine?>(nil)

  /// Shows steps from now on.
  func begin(steps: Int, from firstStep: Int) {
    progress.withLock { $0 = ProgressLine(steps: steps, from: firstStep) }
  }

  /// Shows what happened.
  func show(_ event: RunEvent) {
    progress.withLock { progress in
      switch event {
      case .step(let step): progress?.show(step)
      case .evaluating: progress?.finish()
      case .evaluation(let step, let result):
        progress?.note("step \(step): \(result.sentence)")
      case .note(let remark), .warning(let remark):
        progress?.finish()
        Console.say(remark)
      case .saved, .finished: break
      }
    }
  }
}
