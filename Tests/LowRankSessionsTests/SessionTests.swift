import Foundation
import LowRank
import LowRankSessions
import LowRankWorkshop
import Synchronization
import Testing

/// Events of a run, by their names.
private final class Journal: Sendable {
  private let kept = Mutex<[String]>([])
  var names: [String] { kept.withLock { $0 } }

  func note(_ event: RunEvent) {
    let name =
      switch event {
      case .note(let remark): "note \(remark.text)"
      case .warning(let remark): "warning \(remark.text)"
      case .step(let step): "step \(step.number)"
      case .evaluating(let step): "evaluating \(step)"
      case .evaluation(let step, _): "evaluation \(step)"
      case .saved(let step): "saved \(step)"
      case .finished(let summary): "finished \(summary.steps)"
      }
    kept.withLock { $0.append(name) }
  }
}

@Suite struct `A run from Swift` {
  private func settings(_ workshop: Workshop, _ name: String) -> RunSettings {
    var settings = RunSettings(
      model: workshop.model.path, data: workshop.data.path, output: workshop.place(name).path)
    settings.model.precision = "f32"
    settings.adapter.rank = 2
    settings.steps.learningRate = 0.01
    settings.records.noStore = true
    return settings
  }

  /// The program of README with evaluations within its steps, twice.
  @Test func `takes ten lines with resume, early stopping and events`() throws {
    let workshop = try Workshop()
    let journal = Journal()
    func program(_ patience: Int) throws -> RunSummary {
      var settings = RunSettings(
        model: workshop.model.path, data: workshop.data.path, output: workshop.place("a").path)
      settings.steps.epochs = 3
      (settings.evalEvery, settings.saveEvery, settings.patience) = (5, 5, patience)
      settings.resume = true
      settings.records.noStore = true
      let session = try TrainingSession(settings) { event in journal.note(event) }
      return try session.run()
    }
    let summary = try program(4)
    #expect(summary.steps == 30 && summary.evaluation["valid_loss"]?.double != nil)
    let names = journal.names
    #expect(
      names.first
        == "note there is nothing to resume in \(workshop.place("a").path): the run starts from the beginning"
    )
    #expect(
      names.contains("step 30") && names.contains("saved 5") && names.contains("evaluation 5"))
    #expect(names.last == "finished 30")
    // A second program finds the run finished, and takes no step.
    let again = try program(4)
    #expect(again.steps == 30 && again.trainingLoss == summary.trainingLoss)
    #expect(journal.names.dropFirst(names.count).filter { $0.hasPrefix("step") } == [])
    // Other settings are refused by their keys.
    let error = try #require(throws: SettingsError.self) { _ = try program(5) }
    #expect("\(error)".contains("patience 4, and this command has patience 5"))
  }

  @Test func `stops early and keeps the best`() throws {
    let workshop = try Workshop()
    var settings = settings(workshop, "a")
    settings.steps.iters = 200
    settings.steps.learningRate = 0.3
    (settings.evalEvery, settings.patience) = (2, 2)
    let journal = Journal()
    let summary = try TrainingSession(settings) { journal.note($0) }.run()
    #expect(summary.steps < 200)
    #expect(try #require(summary.bestStep) == summary.steps - 4)
    #expect(journal.names.contains("note stopped early: loss has not improved in 2 evaluations"))
  }

  @Test(arguments: [RunSettings.Subject.adapter, .model])
  func `continues exactly where it was interrupted`(subject: RunSettings.Subject) throws {
    let workshop = try Workshop()
    func train(_ name: String, stoppingAfter last: Int?) throws -> RunSummary {
      var settings = settings(workshop, name)
      settings.subject = subject
      settings.steps.iters = 12
      (settings.evalEvery, settings.resume) = (5, true)
      let taken = Mutex(0)
      let around = Surroundings(isStopping: { taken.withLock { $0 == last } })
      return try TrainingSession(settings, in: around) { event in
        if case .step(let step) = event { taken.withLock { $0 = step.number } }
      }.run()
    }
    _ = try train("whole", stoppingAfter: nil)
    #expect(throws: Interrupted.self) { _ = try train("parts", stoppingAfter: 7) }
    #expect(try train("parts", stoppingAfter: nil).steps == 12)
    let name = subject == .adapter ? "adapter_model.safetensors" : "model.safetensors"
    func values(_ place: String) throws -> [[Float]] {
      let file = try SafetensorsFile(at: workshop.place(place).appending(path: name))
      return try file.tensors.map { try $0.floats() }
    }
    let whole = try values("whole")
    #expect(try whole == values("parts") && !whole.isEmpty)
  }

  @Test func `reports wrong settings before anything is read, by their keys`() throws {
    var settings = RunSettings(model: "nowhere", data: "nowhere", output: "nowhere")
    settings.adapter.rank = 0
    let error = try #require(throws: SettingsError.self) { _ = try TrainingSession(settings) }
    #expect("\(error)".hasPrefix("rank is 0, expected"))
  }
}
