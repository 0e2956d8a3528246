import LowRank
import LowRankConsole
import LowRankExperiments
import LowRankSessions
import Synchronization

/// Shows the events of an experiment: a line for each run that ended, and each warning once.
final class ExperimentDisplay: Sendable {
  static let shared = ExperimentDisplay()

  private let said = Mutex<Set<String>>([])
  private let place = Mutex((number: 0, total: 0))

  /// Shows what happened.
  func show(_ event: ExperimentEvent) {
    switch event {
    case .began(_, let number, let total): place.withLock { $0 = (number, total) }
    case .ended(let record):
      let (number, total) = place.withLock { $0 }
      Console.write("run \(number) of \(total): \(ExperimentText.line(record))")
    case .warning(let remark):
      if said.withLock({ $0.insert(remark.text.description).inserted }) { Console.say(remark) }
    case .measuring(let count):
      Console.write("measuring \(counted(count, "run")) at the best learning rates")
    }
  }
}
