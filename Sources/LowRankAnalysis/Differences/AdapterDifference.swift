import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors

/// Two adapters compared as updates, whatever their factors: equal where they hold the same ΔW.
///
/// `‖ΔW − ΔW'‖_F` follows from the thin factors `[s·B, −s'·B']` and `[A; A']`, in double precision.
public struct AdapterDifference: Hashable, Sendable {
  /// One module's part.
  public struct Module: Hashable, Sendable {
    /// The checkpoint path.
    public let path: String
    /// The ranks, 0 where the module is not adapted.
    public let ranks: [Int]
    /// ‖ΔW‖_F and ‖ΔW'‖_F.
    public let norms: [Double]
    /// ‖ΔW − ΔW'‖_F.
    public let distance: Double
    /// The cosine ⟨ΔW, ΔW'⟩ / (‖ΔW‖ ‖ΔW'‖); 0 where one is nothing.
    public let cosine: Double
    /// What rounding the factors to their types may have made of equal updates.
    public let rounding: Double
    /// Whether DoRA's magnitudes are equal, or neither has any.
    public let hasEqualMagnitudes: Bool
    /// ‖m − m'‖ of DoRA's magnitudes; nil where not both have them.
    public let magnitudeDistance: Double?
    /// Whether the distance is no more than rounding, and DoRA's magnitudes are equal.
    public let isEqual: Bool
  }

  /// The modules that either adapts, by path.
  public let modules: [Module]
  /// Other tensors whose bytes differ or that only one holds.
  public let otherTensors: [String]
  /// The metadata that both adapters have and in which they differ: `task_type`, `id2label`, `base_fingerprint`.
  public let facts: [String]

  /// Whether the adapters are the same update, and their classes and base match as far as they are known.
  public var isEqual: Bool {
    otherTensors.isEmpty && facts.isEmpty && modules.allSatisfy(\.isEqual)
  }
  /// The modules whose magnitudes differ; `distance` is of BA, on which magnitudes act, and does not show them.
  public var otherMagnitudes: [Module] { modules.filter { !$0.hasEqualMagnitudes } }
  /// ‖ΔW − ΔW'‖_F over all modules.
  public var distance: Double { SpectrumSummary(modules.map(\.distance)).frobenius }
  /// The same over ‖ΔW‖_F of the larger.
  public var relativeDistance: Double {
    let norm =
      (0...1).map { side in SpectrumSummary(modules.map { $0.norms[side] }).frobenius }
      .max() ?? 0
    return norm > 0 ? distance / norm : 0
  }

  /// Compares two adapters.
  ///
  /// - Throws: `AdapterError.misshapenTensor` where both adapt a module of different extents, `AdapterError.notFinite`,
  ///   `LinearAlgebraError`, and what reading the factors throws.
  public init(_ a: StoredAdapter, _ b: StoredAdapter) throws {
    func byPath(_ adapter: StoredAdapter) -> [ExactText: StoredModule] {
      Dictionary(uniqueKeysWithValues: adapter.modules.map { (ExactText($0.path), $0) })
    }
    let (first, second) = (byPath(a), byPath(b))
    let paths = Set(first.keys).union(second.keys).map(\.string)
      .sorted { modulePath($0, precedes: $1) }
    let file = b.url.relativePath
    modules = try concurrentMap(paths.count, "comparing updates") { index in
      let path = ExactText(paths[index])
      return try ModuleDifference(first[path], second[path], in: file).module
    }
    otherTensors = try Self.differing(a.others, b.others)
    facts = a.differingPurpose(from: b)
  }

  /// The tensors in which two files differ; a copy of a base weight counts only if both hold one.
  private static func differing(_ a: [StoredTensor], _ b: [StoredTensor]) throws -> [String] {
    let others = Dictionary(uniqueKeysWithValues: b.map { ($0.name, $0) })
    let names = Set(a.map(\.name))
    let differing = try a.filter { tensor in
      let other = others[tensor.name]
      if tensor.isBaseCopy, other == nil { return false }
      guard let other, other.shape == tensor.shape else { return true }
      return try tensor.floats() != other.floats()
    }
    return (differing + b.filter { !names.contains($0.name) && !$0.isBaseCopy }).map(\.name.text)
      .sorted()
  }
}
