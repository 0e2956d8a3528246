import LowRankKeys

/// Why adapters cannot be combined as wished.
public enum CombinationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// None were given.
  case noAdapters
  /// A weight that is no finite number.
  case weight(adapter: String, value: String)
  /// An adapter has magnitudes.
  case magnitudes(adapter: String, path: String)
  /// A module has another shape, or is of another kind, in another adapter.
  case shapes(path: String, first: String, second: String)
  /// Two adapters were trained on different bases.
  case bases(first: String, second: String)
  /// Two adapters have different classes, or the same classes in another order.
  case classes(first: String, second: String)
  /// What was trained whole is not the same everywhere.
  case others(name: String, adapter: String)
  /// Copies of a weight of the base differ.
  case baseCopies(name: String, first: String, second: String)
  /// Factors of different ranks cannot be added up element by element.
  case ranks(mode: String, path: String, ranks: [Int])
  /// The mode has no meaning for a single adapter.
  case single(mode: String)
  /// The updates cancel, or were nothing to begin with.
  case nothingLeft(modules: Int)

  /// One sentence.
  public var description: String {
    switch self {
    case .noAdapters: "there is no adapter to combine; give at least one"
    case .weight(let adapter, let value):
      "the weight of \(adapter) is \(value), expected a finite number"
    case .magnitudes(let adapter, let path):
      """
      \(adapter): \(path) has magnitudes, as DoRA: they rescale the rows of W + ΔW, so that its update depends on W and does \
      not add up; merge it into the base instead
      """
    case .shapes(let path, let first, let second):
      "\(path) is \(first) in one adapter and \(second) in another; combine adapters of one base"
    case .bases(let first, let second):
      """
      different bases: \(first) and \(second); an update belongs to the base it was trained on, so combine adapters of one \
      base, or pass \(setting: "allow") fingerprint to combine these [check: fingerprint]
      """
    case .classes(let first, let second):
      "\(first) and \(second) have different classes, or the same classes in another order, so their heads cannot be added"
    case .others(let name, let adapter):
      """
      \(name) was trained whole and is not the same in \(adapter) as in the others; only updates add up, so leave such \
      adapters out
      """
    case .baseCopies(let name, let first, let second):
      "\(first) and \(second) hold different copies of a weight of their base, \(name): combine adapters of one base"
    case .ranks(let mode, let path, let ranks):
      """
      \(path) has the ranks \(ranks.map(String.init).joined(separator: " and ")), and mode \(mode) adds factors element by \
      element; use sum, cat, svd or a mode that ends in svd
      """
    case .single(let mode): "mode \(mode) needs at least two adapters; of one, use sum"
    case .nothingLeft(let modules):
      "nothing is left of the \(modules) modules: the weighted updates cancel, or are zero"
    }
  }
}
