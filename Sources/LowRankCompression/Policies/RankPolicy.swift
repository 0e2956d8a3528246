/// Decides how many singular components each module keeps.
///
/// A policy sees all modules at once and keeps the first components of each; a component of no size is never worth keeping.
/// What ``Spectrum/leastRank`` asks for is kept before all else, and counts in budgets.
public protocol RankPolicy: Sendable {
  /// The ranks to keep, one for each spectrum, none above its length.
  func ranks(for spectra: [Spectrum]) -> [Int]
}

/// The components of all modules in one order.
struct ComponentPool {
  /// The modules by number, as often as they have components, the most valuable component first.
  let modules: [Int]
  /// How valuable each component is.
  let scores: [Double]
  /// How many components at the front are kept whatever they are worth.
  let least: Int

  /// Orders components by score; of equal ones the module that comes first, then the larger singular value, is first.
  ///
  /// Those of the least ranks stand before all others.
  init(_ spectra: [Spectrum], score: (Double, Spectrum) -> Double = { value, _ in value }) {
    let components = spectra.enumerated().flatMap { number, spectrum in
      spectrum.values.enumerated().filter { $0.element > 0 || $0.offset < spectrum.leastRank }
        .map { index, value in
          (
            rest: index < spectrum.leastRank ? 0 : 1, score: score(value, spectrum),
            module: number, index: index
          )
        }
    }.sorted {
      ($0.rest, -$0.score, $0.module, $0.index) < ($1.rest, -$1.score, $1.module, $1.index)
    }
    modules = components.map(\.module)
    scores = components.map(\.score)
    least = components.count { $0.rest == 0 }
  }

  /// The ranks when the first components of the order are kept, no fewer than the least.
  func ranks(keeping count: Int, of spectra: [Spectrum]) -> [Int] {
    var ranks = [Int](repeating: 0, count: spectra.count)
    for module in modules.prefix(max(least, count)) { ranks[module] += 1 }
    return ranks
  }
}
