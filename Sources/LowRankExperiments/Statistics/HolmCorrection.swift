/// The correction of Holm for many comparisons: the chance of even one false claim stays below the level.
///
/// S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 1979.
public enum HolmCorrection {
  /// The corrected probabilities, in the order of those given: `max_{j ≤ i} min(1, (n − j + 1) p_(j))`.
  ///
  /// Those that are no numbers are no comparisons and stay as they are.
  public static func corrected(_ probabilities: [Double]) -> [Double] {
    let order = probabilities.indices.filter { !probabilities[$0].isNaN }
      .sorted { (probabilities[$0], $0) < (probabilities[$1], $1) }
    var result = probabilities
    var greatest = 0.0
    for (place, index) in order.enumerated() {
      greatest = max(greatest, min(1, Double(order.count - place) * probabilities[index]))
      result[index] = greatest
    }
    return result
  }
}
