/// What a model is trained to do.
public enum TrainingTask: String, Hashable, Sendable, CaseIterable {
  /// To continue a text.
  case causal
  /// To say which one of several classes a text, or a pair of texts, belongs to.
  case classification
  /// To give a text, or a pair of texts, a number.
  case regression
  /// To say which of several labels, none to all, a text or a pair of texts has.
  case multilabel
  /// To say which one of several classes an image belongs to.
  case imageClassification = "image-classification"

  /// Whether rows belong to one of several classes each.
  public var choosesClass: Bool { self == .classification || self == .imageClassification }
}
