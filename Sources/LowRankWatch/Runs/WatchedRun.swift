/// What is told of a run.
package struct WatchedRun: Hashable, Sendable, Encodable {
  /// How it stands with a run.
  package enum Outcome: String, Hashable, Sendable, Encodable {
    case running, finished, failed, interrupted, lost
  }

  /// Something worth knowing, as the rank or the model.
  package struct Fact: Hashable, Sendable, Encodable {
    package let label: String
    package let value: String

    package init(_ label: String, _ value: String) {
      (self.label, self.value) = (label, value)
    }
  }

  /// What it is asked for by: letters, digits, `.`, `_` and `-`.
  package let id: String
  /// What people call it.
  package let name: String
  package let outcome: Outcome
  /// Why it failed.
  package let message: String?
  /// When it began, in seconds since 1970.
  package let started: Double
  /// When it ended, in seconds since 1970.
  package let ended: Double?
  /// The steps that were done before it began.
  package let first: Int
  /// How many steps there will be, with those.
  package let steps: Int
  package let facts: [Fact]

  package init(
    id: String, name: String, outcome: Outcome, message: String? = nil, started: Double,
    ended: Double? = nil, first: Int = 0, steps: Int, facts: [Fact] = []
  ) {
    (self.id, self.name, self.outcome, self.message) = (id, name, outcome, message)
    (self.started, self.ended, self.first, self.steps) = (started, ended, first, steps)
    self.facts = facts
  }

  /// What a list shows of it.
  var inShort: WatchedRun {
    WatchedRun(
      id: id, name: name, outcome: outcome, started: started, ended: ended, first: first,
      steps: steps)
  }
}
