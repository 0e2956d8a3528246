import LowRankCheckpoints

/// What some rows say of how a model tells preferred answers from others: sums that add up over processes.
public struct PreferenceMeasures: Hashable, Sendable {
  /// The rows.
  public private(set) var rows = 0
  private var correct = 0.0
  private var chosen = (sum: 0.0, count: 0.0)
  private var rejected = (sum: 0.0, count: 0.0)
  private var divergence: Double?

  /// No rows.
  public init() {}

  /// The share of the rows whose preferred answer has the larger reward; with KTO, of those whose reward is above the
  /// estimated distance from the reference where the answer is good, and not where it is bad.
  public var accuracy: Double { correct / Double(max(1, rows)) }
  /// The mean reward of preferred, or good, answers; nil where there is none.
  public var chosenReward: Double? { chosen.count > 0 ? chosen.sum / chosen.count : nil }
  /// The mean reward of the others; nil where there is none.
  public var rejectedReward: Double? { rejected.count > 0 ? rejected.sum / rejected.count : nil }
  /// By how much the mean rewards differ.
  public var margin: Double? {
    chosenReward.flatMap { chosen in rejectedReward.map { chosen - $0 } }
  }
  /// KTO's estimate of the distance from the reference; nil with other methods.
  public var meanDivergence: Double? { divergence.map { $0 / Double(max(1, rows)) } }

  /// Adds a pair.
  mutating func add(chosen: Double, rejected: Double) {
    rows += 1
    if chosen > rejected { correct += 1 }
    self.chosen = (self.chosen.sum + chosen, self.chosen.count + 1)
    self.rejected = (self.rejected.sum + rejected, self.rejected.count + 1)
  }

  /// Adds an answer that is good or bad.
  mutating func add(reward: Double, isDesirable: Bool, divergence: Double, beta: Double) {
    rows += 1
    if (reward > beta * divergence) == isDesirable { correct += 1 }
    if isDesirable {
      chosen = (chosen.sum + reward, chosen.count + 1)
    } else {
      rejected = (rejected.sum + reward, rejected.count + 1)
    }
    self.divergence = (self.divergence ?? 0) + divergence
  }

  /// The sums, of which those of several processes add up.
  var sums: [Double] {
    get {
      [
        Double(rows), correct, chosen.sum, chosen.count, rejected.sum, rejected.count,
        divergence ?? 0, divergence == nil ? 0 : 1,
      ]
    }
    set {
      (rows, correct) = (Int(newValue[0]), newValue[1])
      (chosen, rejected) = ((newValue[2], newValue[3]), (newValue[4], newValue[5]))
      divergence = newValue[7] > 0 ? newValue[6] : nil
    }
  }

  /// How many sums there are.
  static let count = 8

  /// Adds those of other rows.
  mutating func add(_ other: PreferenceMeasures) {
    sums = zip(sums, other.sums).map { $0 + $1 }
  }

  /// The measures by name.
  public var json: JSONObject {
    var json: JSONObject = [
      "accuracy": .double(accuracy), "margin": margin.map { .double($0) } ?? .null,
      "chosen_reward": chosenReward.map { .double($0) } ?? .null,
      "rejected_reward": rejectedReward.map { .double($0) } ?? .null,
    ]
    if let meanDivergence { json["kl"] = .double(meanDivergence) }
    return json
  }

  /// Whether they have the same sums.
  public static func == (a: Self, b: Self) -> Bool { a.sums == b.sums }

  /// Hashes the sums.
  public func hash(into hasher: inout Hasher) { hasher.combine(sums) }
}
