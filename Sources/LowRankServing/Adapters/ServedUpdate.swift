import LowRank

/// An update whose low-rank terms were computed once, in the type that products read.
struct ServedUpdate: Update {
  private let fixed: [LowRankTerm]

  /// The terms of an update; nil where it is no sum of terms.
  init?(_ update: any Update, _ pass: Pass) {
    guard let terms = update.terms(pass) else { return nil }
    let (engine, type) = (pass.compute.engine, pass.compute.type)
    fixed = terms.map { term in
      var term = term
      term.down = engine.converted(term.down, to: type)
      term.up = engine.converted(term.up, to: type)
      term.upTransposed = engine.transposed(term.up)
      return term
    }
  }

  var parameters: [Parameter] { [] }

  func terms(_ pass: Pass) -> [LowRankTerm]? { fixed }

  /// The bytes of the factors.
  var byteCount: Int {
    fixed.reduce(0) { $0 + ($1.down.count + 2 * $1.up.count) * $1.down.type.size }
  }
}
