/// Decides how many singular components each module keeps.
///
/// A policy sees all modules at once and keeps the first components of each; a component of no size is never worth keeping.
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

  /// Orders components by score; of equal ones the module that comes first, then the larger singular value, is first.
  init(_ spectra: [Spectrum], score: (Double, Spectrum) -> Double = { value, _ in value }) {
    let components = spectra.enumerated().flatMap { number, spectrum in
      spectrum.values.filter { $0 > 0 }.enumerated().map { index, value in
        (score: score(value, spectrum), module: number, index: index)
      }
    }.sorted { (-$0.score, $0.module, $0.index) < (-$1.score, $1.module, $1.index) }
    modules = components.map(\.module)
    scores = components.map(\.score)
  }

  /// The ranks when the first components of the order are kept.
  func ranks(keeping count: Int, of spectra: [Spectrum]) -> [Int] {
    var ranks = [Int](repeating: 0, count: spectra.count)
    for module in modules.prefix(count) { ranks[module] += 1 }
    return ranks
  }
}
