import LowRankTransformers
import Synchronization

/// The model that rewards are measured against: the base without an adapter, or with the one that training began from.
public struct ReferencePolicy: Sendable {
  /// The model, with the adapter added if there is one.
  public let model: Model
  /// The adapter that is selected.
  public let adapters: AdapterSelection

  /// A base alone, or with a frozen adapter.
  public init(_ model: Model, adapters: AdapterSelection = .none) {
    (self.model, self.adapters) = (model, adapters)
  }
}

/// The log-probabilities under a reference that were worked out in advance, for each example of a set those of its answers.
final class ReferenceScores: Sendable {
  private let scores = Mutex<[[Double]]?>(nil)

  /// The scores of all examples; nil where they are worked out as they are needed.
  var all: [[Double]]? { scores.withLock { $0 } }

  func keep(_ values: [[Double]]) { scores.withLock { $0 = values } }
}
