import LowRankCheckpoints

/// What stands on a model's backbone: which of transformers' classes a folder is read as.
public enum ModelHead: Hashable, Sendable {
  /// A head that predicts the next token.
  case causal
  /// A head that says what a sequence is: of the given classes, or of those that the configuration names.
  case classifier(Classification?)
  /// Nothing: hidden states are what is wanted.
  case none

  /// The head of the class that a configuration names; without one, decoders predict the next token.
  ///
  /// - Throws: `JSONError` for a value of the wrong kind.
  init(named config: some JSONFields, for backbone: any Backbone) throws {
    let names = try config.optionalStrings("architectures") ?? []
    if names.contains(where: Self.isClassifier) {
      self = .classifier(nil)
    } else {
      self = backbone.causalClassName == nil ? .none : .causal
    }
  }

  /// Whether a class of transformers classifies sequences or images.
  package static func isClassifier(_ name: String) -> Bool {
    isClassifierOfImages(name) || name.hasSuffix("ForSequenceClassification")
  }

  /// The class of transformers with a head for each of DeiT's tokens.
  package static let teacherClassName = TeacherHead.className

  /// Whether a class of transformers classifies images.
  package static func isClassifierOfImages(_ name: String) -> Bool {
    name == teacherClassName || name.hasSuffix("ForImageClassification")
  }

  /// The module of a head that a tensor belongs to: `pooler` of `bert.pooler.dense.weight`; nil for one of the backbone.
  package static func module(of name: String, prefix: String) -> String? {
    let bare = name.hasPrefix(prefix) ? name.dropFirst(prefix.count) : name[...]
    let module = bare.prefix { $0 != "." }
    return modules.first { $0 == module }
  }

  /// The module of a classification head, which may be initialized at random: `classifier` for
  /// `classifier.dense.weight`; nil for other tensors, such as the head of a language model.
  package static func classifierModule(of name: String, prefix: String) -> String? {
    module(of: name, prefix: prefix).flatMap { classifierModules.contains($0) ? $0 : nil }
  }

  /// Whether a tensor of a classification head has a row for each class.
  package static func isMapToClasses(_ name: String) -> Bool {
    (["score.", "classifier.weight", "classifier.bias", "classifier.out_proj."]
      + teacherModules.map { $0 + "." }).contains { name.hasPrefix($0) }
  }

  private static let classifierModules = Set(
    ["classifier", "score", "pre_classifier", "pooler", "head"] + teacherModules)

  /// The modules of DeiT's heads with a teacher.
  package static let teacherModules = TeacherHead.modules

  /// What stands at the beginning of a head's tensors, whatever class it belongs to.
  package static let modules =
    [
      "classifier", "score", "pre_classifier", "pooler", "head", "cls", "lm_head", "decoder",
      "vocab_transform", "vocab_layer_norm", "vocab_projector", "lm_predictions",
      "mask_predictions", "qa_outputs",
    ] + teacherModules
}
