import Foundation
import LowRank
import LowRankKeys
import LowRankSessions

/// Trains one run of an experiment and notes what became of it.
struct RunTrainer {
  private let run: PlannedRun
  private let folder: ExperimentFolder

  init(_ run: PlannedRun, _ folder: ExperimentFolder) { (self.run, self.folder) = (run, folder) }

  /// The record of the run, also where it failed.
  ///
  /// - Parameter stepped: called after each step.
  /// - Throws: `Interrupted` if the user stopped it.
  func record(stepped: @escaping @Sendable () -> Void) throws -> RunRecord {
    var record = RunRecord(run)
    let hear = Surroundings.current.hear
    do {
      let session = try TrainingSession(run.settings(at: folder.run(run.slug))) { event in
        switch event {
        case .step: stepped()
        case .warning(let remark): hear(remark)
        default: break
        }
      }
      for _ in 0..<session.number { stepped() }
      defer { note(session.measures, in: &record) }
      record.parameters = session.parameterCount
      let summary = try session.run()
      for (key, value) in summary.evaluation.entries where key.hasPrefix("valid_") {
        record.valid[String(key.dropFirst("valid_".count))] = value.double
      }
    } catch let error as Interrupted {
      throw error
    } catch {
      record.failure = Setting.keyed(error)
      record.hasDiverged = (error as? TrainingError)?.isNotFinite ?? false
    }
    return record
  }

  /// Takes the time of steps and the losses of evaluations.
  private func note(_ measures: MetricsLog, in record: inout RunRecord) {
    for line in measures {
      record.seconds += line["seconds"]?.double ?? 0
      if let step = line["step"]?.integer, let loss = line["valid_loss"]?.double {
        record.curve.append((step, loss))
      }
    }
  }
}
