/// What a model is to say of a text, or what it says.
public enum LabelTarget: Hashable, Sendable {
  /// The number of a class.
  case classIndex(Int)
  /// A number.
  case number(Double)
  /// The numbers of labels, in ascending order, each once.
  case classes([Int])
}

/// One text or two as the tokens of one sequence, and what is to be said of them.
public struct LabelledExample: Hashable, Sendable {
  /// The tokens.
  public let ids: [Int32]
  /// Which text each token belongs to.
  public let typeIDs: [Int32]
  /// What is to be said; none where only the model knows.
  public let target: LabelTarget?
  /// The image whose patches the tokens stand for; nil for texts.
  public let image: ImageFile?

  /// The numbers of the labels that the example has.
  var labels: [Int] {
    switch target {
    case .classIndex(let index)?: [index]
    case .classes(let indices)?: indices
    case .number?, nil: []
    }
  }

  /// At least one token, and as many type ids.
  public init(ids: [Int32], typeIDs: [Int32], target: LabelTarget?, image: ImageFile? = nil) {
    precondition(
      !ids.isEmpty && ids.count == typeIDs.count, "\(ids.count) tokens, \(typeIDs.count) type ids")
    self.ids = ids
    self.typeIDs = typeIDs
    self.target = target
    self.image = image
  }
}
