import Foundation
import LowRankCheckpoints
import LowRankTensors

/// Whether a model is the base that an adapter was trained on.
public enum BaseMatch: Hashable, Sendable {
  /// The adapter records nothing of its base.
  case unknown
  /// It is that base.
  case same
  /// It is the same model, stored otherwise; a sentence says how far apart the weights are, if that could be measured.
  case sibling(note: String, isMeasured: Bool)
  /// It is another model.
  case other(LoadProblem)

  /// What is wrong; nil for all but another model.
  public var problem: LoadProblem? { if case .other(let problem) = self { problem } else { nil } }

  /// What is to be said of a base that is stored otherwise, with the difference of the weights.
  public var note: String? {
    if case .sibling(let note, isMeasured: true) = self { note } else { nil }
  }

  /// A warning about a base that is stored otherwise, whose weights could not be compared.
  public var warning: String? {
    if case .sibling(let note, isMeasured: false) = self { note } else { nil }
  }

  /// Compares a model with what an adapter records.
  ///
  /// - Parameters:
  ///   - adapter: the path of the adapter.
  ///   - name: its base's name or path, where the weights are compared if they are there.
  /// - Throws: what reading the model's files throws.
  init(_ facts: AdapterFacts?, of adapter: String, trainedOn name: String?, on base: ModelFolder)
    throws
  {
    guard let facts, let expected = facts.fingerprint else {
      self = .unknown
      return
    }
    let found = try base.fingerprint().description
    guard found != expected else {
      self = .same
      return
    }
    if let sibling = try Self.sibling(facts, expected, name, of: base) {
      self = sibling
      return
    }
    self = .other(
      .foreignBase(
        adapter: adapter, of: name, expected: expected, base: base.url.relativePath, found: found))
  }

  /// The match with a base of the same identity whose weights are stored otherwise; nil for any other.
  ///
  /// A model that `merge` wrote is another one, and so are dense weights of the same types that differ, and weights that
  /// are further apart than their types explain.
  private static func sibling(
    _ facts: AdapterFacts, _ expected: String, _ name: String?, of base: ModelFolder
  ) throws -> BaseMatch? {
    let isPacked = base.tensors.contains { $0.type.isBlocked }
    guard let identity = facts.identity, isPacked || facts.storage != base.storageText,
      try !base.isMerged, try base.identity().description == identity
    else { return nil }
    let start =
      "the adapter was trained on the same model stored otherwise: \(facts.storage ?? "types not recorded"), here "
      + base.storageText
    // What lies there now may be another model than the adapter was trained on.
    guard let name, let other = try? ModelFolder(at: URL(filePath: name)),
      try other.fingerprint().description == expected
    else {
      return .sibling(
        note: start + "; how far apart the weights are is unknown, since that base is not there",
        isMeasured: false)
    }
    let difference = try other.relativeDifference(from: base)
    guard difference <= other.roundingError + base.roundingError else { return nil }
    return .sibling(
      note: start + String(format: "; the weights differ by %.2g %%", 100 * difference),
      isMeasured: true)
  }
}

extension ModelFolder {
  /// The relative error of the matrices that their types may bring about, generously.
  fileprivate var roundingError: Double {
    tensors.filter { $0.shape.rank == 2 }.map(\.type.roundingError).max() ?? 0
  }

  /// How many tensors are stored as each type, as text: `109 F32, 27 Q4_K`.
  public var storageText: String {
    storage.map { "\($0.count) \($0.type.rawValue)" }.joined(separator: ", ")
  }
}

extension StoredType {
  /// The relative error of a matrix that is stored as the type, generously.
  fileprivate var roundingError: Double {
    switch self {
    case .float16: 0.001
    case .bfloat16: 0.004
    case .q8_0: 0.02
    case .q6_K: 0.05
    case .q5_0, .q5_1, .q5_K: 0.1
    case .q4_0, .q4_1, .q4_K, .iq4_NL: 0.2
    case .q3_K: 0.4
    case .q2_K: 0.6
    default: 0
    }
  }
}
