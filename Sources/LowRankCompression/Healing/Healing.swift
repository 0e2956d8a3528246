import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankProgress
import LowRankTraining
import LowRankTransformers

/// A compressed adapter that was trained further for some steps, its ranks fixed.
///
/// PARA itself sees no data. Healing does, and is reported apart from it: the bound of the certificate is for the adapter
/// before.
public struct Healing {
  /// The healed adapter, in a temporary folder for as long as this lives.
  public let adapter: StoredAdapter
  /// The steps taken.
  public let steps: Int
  /// The mean loss of the first tenth of the steps, and of the last.
  public let losses: (first: Double, last: Double)
  private let folder: HiddenFolder

  /// Trains all of the adapter's parameters with AdamW, the rate falling linearly to 0.
  ///
  /// - Parameters:
  ///   - draft: the compressed adapter.
  ///   - data: the rows, none of which should be among those that it is judged by.
  ///   - batchSize: the rows of a step.
  ///   - allowed: checks of loading that do not refuse the adapter.
  /// - Throws: `CompressionError.diverged`, and what reading, training and saving the adapter throws.
  public init(
    _ draft: EditableAdapter, on base: Model, data: any TrainingSet, steps: Int,
    learningRate: Double = 2e-4, batchSize: Int = 8, seed: UInt64 = 0,
    allowing allowed: Set<LoadCheck> = []
  ) throws {
    let start = try Adapter(drafted: draft, on: base, allowing: allowed)
    var training = try Training(
      start, on: data, optimizer: .adamW(learningRate: learningRate), steps: steps,
      batchSize: batchSize, seed: seed)
    var losses: [Double] = []
    let work = Work("healing", of: steps, .steps)
    defer { work.end() }
    do {
      while let step = try training.next() {
        losses.append(step.loss)
        work.advance()
      }
    } catch let error as TrainingError {
      guard error.isNotFinite else { throw error }
      throw CompressionError.diverged(rate: learningRate)
    }
    let part = max(1, steps / 10)
    func mean(_ some: ArraySlice<Double>) -> Double {
      some.reduce(0, +) / Double(max(1, some.count))
    }
    self.losses = (mean(losses.prefix(part)), mean(losses.suffix(part)))
    self.steps = losses.count
    let (parent, prefix) = (FileManager.default.temporaryDirectory.path, "lowrank-healing-")
    HiddenFolder.removeStale(in: parent, prefix: prefix)
    folder = try HiddenFolder(in: parent, prefix: prefix, given: parent)
    let place = folder.url.appending(path: "adapter")
    try training.adapter.save(to: place.path)
    adapter = try StoredAdapter(at: place)
  }

  /// Lets go of the temporary folder.
  public func end() { _ = folder.remove() }

  /// The healed adapter as one to write in any form.
  public var draft: EditableAdapter {
    EditableAdapter(adapter, replacing: adapter.modules.map { .init($0) })
  }
}
