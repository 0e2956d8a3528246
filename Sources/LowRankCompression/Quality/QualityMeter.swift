import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTraining
import LowRankTransformers

/// Measures on data what compression changes of a model's predictions.
///
/// A compressed adapter is written to a temporary folder and read onto the base like any other, so that what is measured is
/// what will be used.
public struct QualityMeter {
  private let base: Model
  private let data: ExampleSet
  private let original: Adapter
  private let batchSize: Int
  /// The adapter as it was, on the data.
  public let before: Evaluation

  /// Evaluates the adapter as it is.
  ///
  /// - Throws: what reading the adapter onto the base throws.
  public init(
    _ adapter: StoredAdapter, on base: Model, data: ExampleSet, batchSize: Int = 8
  ) throws {
    self.base = base
    self.data = data
    self.batchSize = batchSize
    original =
      adapter.format == .peft
      ? try Adapter(from: adapter.url, on: base)
      : try Self.adapter(AdapterDraft(adapter, replacing: adapter.modules.map { .init($0) }), base)
    before = Evaluation(
      original.model, adapters: original.selection, on: data, batchSize: batchSize)
  }

  /// The mean loss of a compressed adapter.
  ///
  /// - Throws: `FileError`.
  public func loss(of draft: AdapterDraft) throws -> Double {
    let adapter = try Self.adapter(draft, base)
    return Evaluation(
      adapter.model, adapters: adapter.selection, on: data, batchSize: batchSize
    ).loss
  }

  /// The mean over learnt tokens of `KL(p ‖ q)` in nats, p being the prediction before and q the one after.
  ///
  /// - Throws: `FileError`.
  public func divergence(of draft: AdapterDraft) throws -> Double {
    let adapter = try Self.adapter(draft, base)
    var sum = 0.0
    for batch in SequentialBatches(data, batchSize: batchSize) where !batch.labels.isEmpty {
      let (p, q) = (logits(original, batch), logits(adapter, batch))
      let width = base.architecture.vocabularySize
      for row in batch.labelRows.map({ Int($0) * width..<(Int($0) + 1) * width }) {
        sum += logitDivergence(of: q[row], from: p[row])
      }
    }
    return sum / Double(before.tokens)
  }

  /// Finds the smallest adapter of a family of policies whose loss is at most a limit, by halving.
  ///
  /// The loss is taken to fall with what is kept, as it nearly does; that of the result is measured.
  /// - Returns: nil where even the member before the last keeps too little.
  /// - Throws: `FileError`, and what compressing throws.
  public func smallest(
    of compression: Compression, in family: PolicyFamily, losingAtMost limit: Double,
    trying report: (QualitySweep.Point) -> Void = { _ in }
  ) throws -> (ranks: [Int], point: QualitySweep.Point)? {
    var (tooFew, enough) = (-1, family.count - 1)
    var found: ([Int], QualitySweep.Point)?
    while enough - tooFew > 1 {
      let middle = (tooFew + enough) / 2
      let ranks = family[middle].ranks(for: compression.spectra)
      guard ranks.contains(where: { $0 > 0 }) else {
        tooFew = middle
        continue
      }
      let (draft, certificate) = try compression.keeping(ranks)
      let point = QualitySweep.Point(
        policy: family.name, parameters: certificate.parametersAfter, rank: certificate.rankAfter,
        loss: try loss(of: draft))
      report(point)
      if point.loss <= limit { (enough, found) = (middle, (ranks, point)) } else { tooFew = middle }
    }
    return found
  }

  private func logits(_ adapter: Adapter, _ batch: Batch) -> [Float] {
    let model = adapter.model
    let ids = model.engine.tensor(batch.ids, [batch.ids.count])
    return model.engine.floats(
      model.causal.logits(ids, model.pass(batch.rows, adapters: adapter.selection)))
  }

  private static func adapter(_ draft: AdapterDraft, _ base: Model) throws -> Adapter {
    let url = FileManager.default.temporaryDirectory
      .appending(path: "lowrank-quality-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: url) }
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    try draft.write(as: .peft, into: url)
    return try Adapter(from: url, on: base)
  }
}
