import LowRankTensors
import LowRankTransformers

/// Examples of which some can be taken out.
package protocol SelectableSet: TrainingSet {
  /// Some examples of a set, at least one.
  init(_ set: Self, at places: [Int], source: String)
}

extension SelectableSet {
  /// At most so many of the examples, chosen by a seed, in the order of the file.
  ///
  /// Evaluations of a run take the same rows each time, so that their losses can be compared.
  package func sample(_ most: Int, seed: UInt64) -> Self {
    precondition(most > 0, "no rows to evaluate on")
    guard most < count else { return self }
    var random = Philox(key: RandomKey(seed: seed, step: 0).key(for: "sample of evaluation rows"))
    return Self(self, at: random.shuffled(0..<count).prefix(most).sorted(), source: source)
  }
}

extension ExampleSet: SelectableSet {}
extension LabelledSet: SelectableSet {}
extension PreferenceSet: SelectableSet {}
