import LowRankAdapters

/// One way of making a module of one adapter from those of several.
public protocol CombinationMode: Sendable {
  /// What the command line and PEFT's `add_weighted_adapter` call it.
  var name: String { get }
  /// Whether it has a meaning for a single adapter.
  var takesOne: Bool { get }
  /// The module to write; nil where nothing is left of it.
  ///
  /// - Throws: `CombinationError`, and what reading and decomposing the factors throws.
  func combine(_ terms: ModuleTerms) throws -> EditableAdapter.Module?
}
