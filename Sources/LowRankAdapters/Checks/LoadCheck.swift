/// What loading an adapter checks, each under the name that `allow` takes.
public enum LoadCheck: String, Hashable, Sendable, CaseIterable {
  /// Every tensor belongs to a module and every module has its tensors. Allowed: tensors that belong to no module are
  /// ignored; a missing bias or missing token rows are taken from the base; a module that lacks any other tensor is
  /// not adapted.
  case tensors
  /// Every declared target, layer and module to save is in the model. Allowed: what matches nothing is skipped.
  case targets
  /// Tensors have the shapes that the model asks for. Allowed: a bias, copy of a base weight or token rows of the
  /// wrong shape are taken from the base; a module with any other tensor of the wrong shape is left out.
  case shapes
  /// Every number is finite. Allowed: they are loaded as they are.
  case finite
  /// Ranks and α make sense and are those of the tensors. Allowed: the ranks of the tensors count, patterns that match
  /// nothing are ignored, and factors whose α is no number to scale by are used as they stand, `s = 1`.
  case rank
  /// The base is the one that the adapter was trained on. Allowed: it is used on this one.
  case fingerprint
}

/// What a check of a loaded adapter found, which is thrown where the check is not overridden.
public struct LoadProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// The check.
  public let check: LoadCheck
  /// The file or folder that it is about.
  public let file: String
  /// What is wrong, with the checkpoint path of the module and both shapes where shapes differ.
  public let sentence: String
  /// How many more of the kind there are.
  public var others = 0

  init(_ check: LoadCheck, _ file: String, _ sentence: String) {
    (self.check, self.file, self.sentence) = (check, file, sentence)
  }

  /// One sentence that ends with the name of the check.
  public var description: String {
    let more = others == 0 ? "" : ", and \(others) more like it"
    return "\(file): \(sentence)\(more) [check: \(check.rawValue)]"
  }
}
