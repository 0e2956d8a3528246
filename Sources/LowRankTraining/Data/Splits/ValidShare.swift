import LowRankKeys
import LowRankTensors
import LowRankTransformers

/// A share of the training rows that is kept for evaluation, chosen by a seed.
///
/// Classes keep their shares, and so does each label where rows have several.
public struct ValidShare: Hashable, Sendable {
  /// The share, above 0 and below 1.
  public let share: Double
  /// What decides which rows are kept.
  public let seed: UInt64

  /// Creates a share above 0 and below 1.
  public init(_ share: Double, seed: UInt64) {
    precondition(share > 0 && share < 1, "a share of \(share)")
    self.share = share
    self.seed = seed
  }

  /// The places of the rows to evaluate on, in order; neither none nor all.
  ///
  /// - Parameters:
  ///   - count: the number of rows.
  ///   - labels: the labels of each row; nil for rows without labels.
  ///   - place: the file, for messages.
  /// - Throws: `DataError` if there are too few rows.
  func rows(of count: Int, labels: [[Int]]? = nil, at place: String) throws(DataError) -> [Int] {
    guard count > 1 else {
      throw DataError(
        place,
        "one row is left, and \(setting: "valid_share") needs at least two: one to train on, one to evaluate on"
      )
    }
    var random = Philox(key: RandomKey(seed: seed, step: 0).key(for: "rows for evaluation"))
    let order = random.shuffled(0..<count)
    let wanted = min(count - 1, max(1, Int((Double(count) * share).rounded())))
    guard let labels else { return order.prefix(wanted).sorted() }
    let chosen =
      labels.allSatisfy { $0.count == 1 }
      ? byClass(order, wanted, labels.map { $0[0] }) : bySets(order, wanted, labels)
    guard !chosen.isEmpty else {
      throw DataError(
        place,
        "\(setting: "valid_share") would take the only row of a class; give more rows, or a file to evaluate on"
      )
    }
    return chosen.sorted()
  }

  /// Gives each class its share, rounded so that the sum is right; one row of each stays for training.
  private func byClass(_ order: [Int], _ wanted: Int, _ classes: [Int]) -> [Int] {
    var members: [Int: [Int]] = [:]
    for row in order { members[classes[row], default: []].append(row) }
    let quotas = members.keys.sorted().map { name in
      let count = members[name]?.count ?? 0
      let quota = Double(wanted) * Double(count) / Double(order.count)
      return (name: name, whole: min(Int(quota), count - 1), quota: quota, most: count - 1)
    }
    var counts = Dictionary(uniqueKeysWithValues: quotas.map { ($0.name, $0.whole) })
    var left = wanted - quotas.reduce(0) { $0 + $1.whole }
    let byRemainder = quotas.sorted {
      ($0.quota - Double($0.whole), -$0.name) > ($1.quota - Double($1.whole), -$1.name)
    }
    while left > 0 {
      let before = left
      for quota in byRemainder where left > 0 {
        guard let count = counts[quota.name], count < quota.most else { continue }
        counts[quota.name] = count + 1
        left -= 1
      }
      if left == before { break }
    }
    return quotas.flatMap { (members[$0.name] ?? []).prefix(counts[$0.name] ?? 0) }
  }

  /// Gives each label its share, the rarest first.
  ///
  /// (Sechidis, Tsoumakas and Vlahavas, "On the stratification of multi-label data", 2011)
  private func bySets(_ order: [Int], _ wanted: Int, _ labels: [[Int]]) -> [Int] {
    let part = Double(wanted) / Double(order.count)
    var counts: [Int: Int] = [:]
    for row in order { for label in labels[row] { counts[label, default: 0] += 1 } }
    var desired = counts.mapValues { (valid: Double($0) * part, train: Double($0) * (1 - part)) }
    var total = (valid: Double(wanted), train: Double(order.count - wanted))
    var chosen: [Int] = []
    var open = order
    func place(_ row: Int, by label: Int?) {
      let demand = label.flatMap { desired[$0] } ?? total
      let isValid =
        total.valid >= 0.5
        && (demand.valid > demand.train || demand.valid == demand.train && total.valid > total.train
          || total.train < 0.5)
      if isValid { chosen.append(row) }
      total = isValid ? (total.valid - 1, total.train) : (total.valid, total.train - 1)
      for label in labels[row] {
        let old = desired[label] ?? (0, 0)
        desired[label] = isValid ? (old.valid - 1, old.train) : (old.valid, old.train - 1)
        counts[label, default: 0] -= 1
      }
    }
    while let label = counts.filter({ $0.value > 0 }).min(by: {
      ($0.value, $0.key) < ($1.value, $1.key)
    })?.key {
      for row in open where labels[row].contains(label) { place(row, by: label) }
      open.removeAll { labels[$0].contains(label) }
    }
    for row in open { place(row, by: nil) }
    if chosen.count < wanted {
      // Rounding left some of the share over; rows of frequent labels come last.
      let taken = Set(chosen)
      chosen += order.reversed().filter { !taken.contains($0) }.prefix(wanted - chosen.count)
    }
    return chosen
  }
}
