import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankProgress
import LowRankTensors
import LowRankTraining
import LowRankTransformers

/// Measures on data what compression changes of a model's predictions.
///
/// A compressed adapter is written to a temporary folder and read onto the base like any other, so that what is measured is
/// what will be used.
public struct QualityMeter {
  private let base: Model
  private let data: any QualityData
  private let original: Adapter
  private let batchSize: Int
  private let allowed: Set<LoadCheck>
  /// The adapter as it was, on the data.
  public let before: Quality
  /// How the adapter was read onto the base.
  public var loading: LoadReport? { original.loading }

  /// Measures the adapter as it is.
  ///
  /// - Parameters:
  ///   - data: an ``ExampleSet`` of texts that are continued, or a ``LabelledSet`` for a base with a head that classifies.
  ///   - allowed: checks of loading that do not refuse the adapter.
  /// - Throws: what reading the adapter onto the base throws; `DataError` where its loss is not finite.
  public init(
    _ adapter: StoredAdapter, on base: Model, data: any QualityData, batchSize: Int = 8,
    allowing allowed: Set<LoadCheck> = []
  ) throws {
    self.base = base
    self.allowed = allowed
    self.data = data
    self.batchSize = batchSize
    original =
      adapter.format == .peft
      ? try Adapter(from: adapter.url, on: base, allowing: allowed)
      : try Adapter(
        drafted: EditableAdapter(adapter, replacing: adapter.modules.map { .init($0) }), on: base,
        allowing: allowed)
    before = data.quality(of: original, batchSize: batchSize)
    guard before.loss.isFinite else {
      throw DataError(
        adapter.url.path,
        "the loss with the adapter is not finite; its factors or the model's weights hold a number that is not finite, or one too large"
      )
    }
  }

  /// The mean loss of the base without the adapter; nil for a classifier, whose head the adapter brings.
  public var lossWithoutAdapter: Double? {
    (data as? ExampleSet).map { Evaluation(base, on: $0, batchSize: batchSize).loss }
  }

  /// How well a compressed adapter does.
  ///
  /// - Throws: `FileError`.
  public func quality(of draft: EditableAdapter) throws -> Quality {
    data.quality(
      of: try Adapter(drafted: draft, on: base, allowing: allowed), batchSize: batchSize)
  }

  /// The mean loss of a compressed adapter.
  ///
  /// - Throws: `FileError`.
  public func loss(of draft: EditableAdapter) throws -> Double { try quality(of: draft).loss }

  /// How far the predictions of a compressed adapter are from those before; see ``QualityData``.
  ///
  /// - Throws: `FileError`.
  public func divergence(of draft: EditableAdapter) throws -> Double {
    data.divergence(
      of: try Adapter(drafted: draft, on: base, allowing: allowed), from: original,
      batchSize: batchSize)
  }

  /// Finds the smallest adapter of a family of policies that is good enough; see ``QualitySearch`` for what is guaranteed.
  ///
  /// - Returns: nil where no adapter of the family smaller than the whole one is good enough.
  /// - Throws: `FileError`, and what compressing throws.
  public func smallest(
    of compression: Compression, in family: PolicyFamily, within bound: QualityBound,
    trying report: (QualitySweep.Point) -> Void = { _ in }
  ) throws -> (ranks: [Int], point: QualitySweep.Point)? {
    let search = try QualitySearch(
      self, of: compression, in: family, within: bound, trying: report)
    return search.point.map { (search.ranks, $0) }
  }
}
