/// What the rows of a split are for.
public enum SplitRole: String, Hashable, Sendable, CaseIterable {
  /// To train on.
  case train
  /// To evaluate on during training.
  case valid
  /// For the final test.
  case test

  /// What the rows are for, as a clause.
  var purpose: String {
    switch self {
    case .train: "to train on"
    case .valid: "to evaluate on"
    case .test: "of the test"
    }
  }

  /// The names that data sets give to splits of this role, the usual one first.
  var spellings: [String] {
    switch self {
    case .train: ["train", "training"]
    case .valid: ["valid", "validation", "val", "dev", "eval", "evaluation"]
    case .test: ["test", "testing"]
    }
  }

  /// The role of a split with a name; nil if the name does not say.
  ///
  /// `isVariant` tells names such as `train_sft`, which count if no split has a name of its own for the role.
  static func role(of name: String) -> (role: SplitRole, isVariant: Bool)? {
    let variant = "_sft"
    let plain = name.hasSuffix(variant) ? String(name.dropLast(variant.count)) : name
    guard let role = allCases.first(where: { $0.spellings.contains(plain) }) else { return nil }
    return (role, plain != name)
  }
}
