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
  /// - Throws: what reading the adapter onto the base throws.
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
      : try Self.adapter(
        AdapterDraft(adapter, replacing: adapter.modules.map { .init($0) }), base, allowed)
    before = data.quality(of: original, batchSize: batchSize)
  }

  /// How well a compressed adapter does.
  ///
  /// - Throws: `FileError`.
  public func quality(of draft: AdapterDraft) throws -> Quality {
    data.quality(of: try Self.adapter(draft, base, allowed), batchSize: batchSize)
  }

  /// The mean loss of a compressed adapter.
  ///
  /// - Throws: `FileError`.
  public func loss(of draft: AdapterDraft) throws -> Double { try quality(of: draft).loss }

  /// How far the predictions of a compressed adapter are from those before; see ``QualityData``.
  ///
  /// - Throws: `FileError`.
  public func divergence(of draft: AdapterDraft) throws -> Double {
    data.divergence(
      of: try Self.adapter(draft, base, allowed), from: original, batchSize: batchSize)
  }

  /// Finds the smallest adapter of a family of policies that is good enough.
  ///
  /// By halving where the loss is bounded, which nearly falls with what is kept. A metric moves up and down, so the members
  /// are tried from the smallest on, in steps that grow, and halving begins below the first that is good enough; a smaller
  /// one between two steps may be missed. What is found is measured.
  /// - Returns: nil where even the member before the last keeps too little.
  /// - Throws: `FileError`, and what compressing throws.
  public func smallest(
    of compression: Compression, in family: PolicyFamily, within bound: QualityBound,
    trying report: (QualitySweep.Point) -> Void = { _ in }
  ) throws -> (ranks: [Int], point: QualitySweep.Point)? {
    let work = Work("searching \(family.name)", .tries)
    defer { work.end() }
    var (tooFew, enough) = (-1, family.count - 1)
    /// The number of tries that halving takes from here.
    func left() -> Int { (0..<Int.bitWidth).first { (enough - tooFew) >> $0 <= 1 } ?? 0 }
    work.update(done: 0, of: left())
    var found: ([Int], QualitySweep.Point)?
    /// Whether the member is good enough; it becomes an end of what is left to search.
    func tries(_ member: Int) throws -> Bool {
      let ranks = family[member].ranks(for: compression.spectra)
      guard ranks.contains(where: { $0 > 0 }) else {
        tooFew = member
        return false
      }
      defer { work.update(done: work.done + 1, of: work.done + 1 + left()) }
      let (draft, certificate) = try compression.keeping(ranks)
      let point = QualitySweep.Point(policy: family.name, certificate, try quality(of: draft))
      report(point)
      guard bound.holds(for: point.quality) else {
        tooFew = member
        return false
      }
      (enough, found) = (member, (ranks, point))
      return true
    }
    if bound.metric != .loss {
      var member = 0
      while member < family.count - 1, try !tries(member) { member = 1 + member + member / 4 }
    }
    while enough - tooFew > 1 { _ = try tries((tooFew + enough) / 2) }
    return found
  }

  private static func adapter(
    _ draft: AdapterDraft, _ base: Model, _ allowed: Set<LoadCheck>
  ) throws -> Adapter {
    let url = FileManager.default.temporaryDirectory
      .appending(path: "lowrank-quality-\(UUID().uuidString)")
    defer {
      try? FileManager.default.removeItem(at: url)
      TemporaryFolders.forget(url.path)
    }
    try TemporaryFolders.making(url.path) {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }
    try draft.write(as: .peft, into: url)
    return try Adapter(from: url, on: base, allowing: allowed)
  }
}
