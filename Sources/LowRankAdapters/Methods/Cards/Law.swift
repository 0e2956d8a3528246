/// What holds for every method, whatever it adds.
public enum Law: String, Hashable, Sendable, CaseIterable, CustomStringConvertible {
  /// The merged model has the logits of the adapter on its base.
  case mergedIsUnmerged = "merged = unmerged"
  /// Merging leaves every weight of the base as it was, bit for bit.
  case baseIsKept = "merging keeps the base"
  /// An adapter that was saved and loaded is the same.
  case loadedIsSaved = "load(save(x)) = x"
  /// The form of an update as plain LoRA makes the weights that the update makes.
  case formIsUpdate = "LoRA form = update"
  /// An adapter that was not trained changes nothing, wherever its factors start.
  case freshIsSilent = "a fresh adapter changes nothing"
  /// Gradients are what differences of losses say.
  case gradientIsDifference = "gradient = central difference"
  /// Turning a pair of factors into `(Q⁻¹A, BQ)` changes nothing.
  case gaugeIsFree = "(Q⁻¹A, BQ) = (A, B)"

  /// The law as a formula or sentence.
  public var description: String { rawValue }
}
