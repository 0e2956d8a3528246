/// The extents of `C ⊗ D` with C `[m₁, n₁]` and D `[m₂, n₂]`, as LyCORIS and PEFT divide those of a map.
struct KroneckerShape {
  /// m₁ and n₁.
  let outer: (outputs: Int, inputs: Int)
  /// m₂ and n₂.
  let inner: (outputs: Int, inputs: Int)

  /// The division of m outputs and n inputs.
  ///
  /// - Parameter factor: the extents that C should have; −1 for those next to the square roots.
  init(outputs: Int, inputs: Int, factor: Int = -1) {
    let (rows, columns) = (
      Self.divided(outputs, near: factor), Self.divided(inputs, near: factor)
    )
    outer = (rows.0, columns.0)
    inner = (rows.1, columns.1)
  }

  /// Whether D has two factors of a rank instead of being whole.
  func factorsInner(at rank: Int) -> Bool { 2 * rank < max(inner.outputs, inner.inputs) }

  /// Whether C may have two factors of a rank.
  func factorsOuter(at rank: Int) -> Bool { 2 * rank < max(outer.outputs, outer.inputs) }

  /// A number as the product of two, the first one near `factor`.
  ///
  /// A factor that divides the number is taken as it is. Otherwise the first one is the largest divisor up to the factor
  /// and the square root, −1 standing for no bound.
  static func divided(_ number: Int, near factor: Int) -> (Int, Int) {
    if factor > 0, number.isMultiple(of: factor) { return (factor, number / factor) }
    let bound = factor == -1 ? number : factor
    var (small, large) = (1, number)
    while small < large {
      var next = small + 1
      while !number.isMultiple(of: next) { next += 1 }
      guard next + number / next <= small + large, next <= bound else { break }
      (small, large) = (next, number / next)
    }
    return (min(small, large), max(small, large))
  }
}
