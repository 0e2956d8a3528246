/// The examples of a micro-batch, as far as a part of it needs to know the others.
struct Microbatch {
  let facts: MicrobatchFacts
  private let others: [Int: Int]

  init(_ examples: [Int], of set: PreferenceSet) {
    var facts = MicrobatchFacts()
    facts.rows = examples.count
    facts.likelihoodTokens = examples.reduce(0) { $0 + set.examples[$1].likelihoodTokens }
    self.facts = facts
    let before = examples.suffix(1) + examples.dropLast()
    others =
      set.objective.hasDivergence
      ? Dictionary(zip(examples, before)) { first, _ in first } : [:]
  }

  /// The example whose answer stands after an example's prompt to estimate the divergence: the one before it, and the last
  /// one before the first.
  func answer(for example: Int) -> Int { others[example] ?? example }
}
