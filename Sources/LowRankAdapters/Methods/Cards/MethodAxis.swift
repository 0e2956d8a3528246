import LowRankKeys

/// One of the four independent choices that make a method of low-rank adaptation.
public enum MethodAxis: String, Hashable, Sendable, CaseIterable {
  /// What is added to W.
  case architectures
  /// Where the factors start.
  case initializations
  /// How large each module is.
  case ranks
  /// How the factors are stepped.
  case optimizers

  /// The key of a run's YAML file.
  public var key: String {
    switch self {
    case .architectures: "method"
    case .initializations: "init"
    case .ranks: "ranks"
    case .optimizers: "optimizer"
    }
  }

  /// The axis in a sentence, as the program around spells settings.
  package var setting: Setting { Setting(key) }

  /// The question that the axis answers.
  public var question: String {
    switch self {
    case .architectures: "What is added to the weight W?"
    case .initializations: "Where do the factors start?"
    case .ranks: "How large is each module?"
    case .optimizers: "How are the factors stepped?"
    }
  }

  /// The axis as a heading.
  public var title: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }

  /// An entry of the axis with its article, for a sentence.
  public var noun: String {
    switch self {
    case .architectures: "an architecture"
    case .initializations: "an initialization"
    case .ranks: "a rule of ranks"
    case .optimizers: "an optimizer"
    }
  }
}
