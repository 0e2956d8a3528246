/// What became of a folder's adapter on a base: what found its place, and what was wrong and allowed.
public struct LoadReport: Hashable, Sendable, CustomStringConvertible {
  /// What is known of the base.
  public enum Base: String, Hashable, Sendable {
    /// It has the fingerprint that the adapter remembers.
    case same = "the base it was trained on"
    /// The adapter remembers no fingerprint, or the base has no files to take one of.
    case unknown = "which base it was trained on is not recorded"
    /// The adapter has the name of its base but no fingerprint to check a base by.
    case named = "it has the name of its base but no fingerprint"
    /// It is the same model with its weights stored otherwise.
    case sibling = "the base it was trained on, stored otherwise"
    /// It has another fingerprint, which was allowed.
    case other = "another base than it was trained on"
  }

  /// The modules that are adapted.
  public let modules: Int
  /// The modules that the configuration reaches.
  public let declaredModules: Int
  /// The tensors that were placed.
  public let tensors: Int
  /// What is known of the base.
  public let base: Base
  /// The name of the base that the adapter's configuration has; nil if it has none.
  public let baseName: String?
  /// What checks found that was allowed, in the order in which it was found.
  public let overridden: [LoadProblem]
  /// Notes that are no fault of the adapter but may surprise: tensors that were ignored, weights of the base that
  /// were replaced.
  public let notes: [String]
  /// What may make results differ from those in training: a base that is stored otherwise and was not compared.
  public let warnings: [String]

  /// The coverage as a line: `24 of 24 modules, 48 tensors; the base it was trained on`.
  public var description: String {
    "\(modules) of \(declaredModules) module\(declaredModules == 1 ? "" : "s"), \(tensors) tensor\(tensors == 1 ? "" : "s"); "
      + knownBase
  }

  /// What is known of the base, with its name where nothing else says which one it is.
  private var knownBase: String {
    guard base == .named, let baseName else { return base.rawValue }
    return "it names \(baseName) as its base, without a fingerprint to check that by"
  }
}

/// The outcome of an adapter's checks: the problems that `allow` lets pass.
struct LoadChecks {
  let allowed: Set<LoadCheck>
  private(set) var overridden: [LoadProblem] = []

  init(_ allowed: Set<LoadCheck>) { self.allowed = allowed }

  /// - Throws: the first problem that is not allowed, with the number of others that the same check found.
  mutating func report(_ problems: [LoadProblem]) throws(LoadProblem) {
    if var first = problems.first(where: { !allowed.contains($0.check) }) {
      first.others = problems.count { $0.check == first.check } - 1
      throw first
    }
    overridden += problems.filter { !overridden.contains($0) }
  }
}
