import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankProgress
import LowRankTensors
import LowRankTraining
import LowRankTransformers

/// How well an adapter does on some data.
public struct Quality: Hashable, Sendable {
  /// The mean loss of a trained token, or of a sequence that is classified.
  public let loss: Double
  /// The trained tokens, or the sequences.
  public let count: Int
  /// The metrics of a classifier by name; empty where text is continued.
  public let metrics: [Metric: Double]

  /// What was measured.
  public init(loss: Double, count: Int, metrics: [Metric: Double]) {
    (self.loss, self.count, self.metrics) = (loss, count, metrics)
  }

  /// The value of a metric, the loss among them; not a number where it is not measured.
  public func value(_ metric: Metric) -> Double {
    metric == .loss ? loss : metrics[metric] ?? .nan
  }

  /// The metrics beside the loss as JSON, in the order of their names.
  public var json: JSONObject {
    JSONObject(
      metrics.sorted { $0.key.rawValue < $1.key.rawValue }
        .map { ($0.key.rawValue, .double($0.value)) })
  }
}

/// Data on which adapters of one base are compared.
public protocol QualityData: Sendable {
  /// How well an adapter does.
  func quality(of adapter: Adapter, batchSize: Int) -> Quality
  /// The mean of `KL(p ‖ q)` in nats over trained tokens, or over sequences, p being the prediction of `adapter` and q that
  /// of the other one; of numbers the mean squared difference.
  func divergence(of other: Adapter, from adapter: Adapter, batchSize: Int) -> Double
}

extension ExampleSet: QualityData {
  public func quality(of adapter: Adapter, batchSize: Int) -> Quality {
    let result = Evaluation(
      adapter.model, adapters: adapter.selection, on: self, batchSize: batchSize)
    return Quality(loss: result.loss, count: result.tokens, metrics: [:])
  }

  public func divergence(of other: Adapter, from adapter: Adapter, batchSize: Int) -> Double {
    var (sum, tokens) = (0.0, 0)
    let work = Work("comparing predictions on \(source)", of: count)
    defer { work.end() }
    for batch in SequentialBatches(self, batchSize: batchSize) where !batch.labels.isEmpty {
      let (p, q) = (logits(adapter, batch), logits(other, batch))
      let width = adapter.base.architecture.vocabularySize
      for row in batch.labelRows.map({ Int($0) * width..<(Int($0) + 1) * width }) {
        sum += logitDivergence(of: q[row], from: p[row])
      }
      tokens += batch.labels.count
      work.advance(by: batch.sources.count)
    }
    return sum / Double(max(1, tokens))
  }

  private func logits(_ adapter: Adapter, _ batch: Batch) -> [Float] {
    let model = adapter.model
    let ids = model.engine.tensor(batch.ids, [batch.ids.count])
    return model.engine.floats(
      model.causal.logits(ids, model.pass(batch.rows, adapters: adapter.selection)))
  }
}

extension LabelledSet: QualityData {
  public func quality(of adapter: Adapter, batchSize: Int) -> Quality {
    let result = LabelledEvaluation(
      adapter.model, adapters: adapter.selection, on: self, batchSize: batchSize)
    return Quality(
      loss: result.loss, count: result.metrics.rows,
      metrics: Dictionary(uniqueKeysWithValues: result.metrics.values.map { ($0, $1) }))
  }

  public func divergence(of other: Adapter, from adapter: Adapter, batchSize: Int) -> Double {
    var sum = 0.0
    let work = Work("comparing predictions on \(source)", of: count)
    defer { work.end() }
    for batch in SequentialBatches(self, batchSize: batchSize) {
      let (p, q) = (
        batch.logits(of: adapter.model, adapter.selection),
        batch.logits(of: other.model, other.selection)
      )
      for (p, q) in zip(p, q) { sum += distance(of: q, from: p) }
      work.advance(by: batch.sources.count)
    }
    return sum / Double(count)
  }

  /// What two rows of outputs say differently.
  private func distance(of q: [Double], from p: [Double]) -> Double {
    switch task {
    case .regression: (p[0] - q[0]) * (p[0] - q[0])
    case .multilabel:
      zip(p, q).reduce(0) { sum, pair in
        sum
          + logitDivergence(of: [Float(pair.1), 0][...], from: [Float(pair.0), 0][...])
      }
    case .classification, .imageClassification, .causal:
      logitDivergence(of: q.map(Float.init)[...], from: p.map(Float.init)[...])
    }
  }
}
