extension Schedule {
  /// `1 / √(1 + t/T)` with the steps t after the warm-up: half the peak after three times the time scale T, and never zero.
  /// (Zhai et al., arXiv 2106.04560, "reciprocal square-root")
  ///
  /// - Parameter timescale: T, in steps; those of the warm-up by default, or 10,000 without one.
  public static func inverseSquareRoot(timescale: Int? = nil) -> Schedule {
    precondition((timescale ?? 1) > 0, "a time scale of \(timescale ?? 0) steps")
    return Schedule("inverse_sqrt") { step, warmup, _ in
      let scale = timescale ?? (warmup > 0 ? warmup : 10_000)
      return 1 / (Double(step + scale - warmup) / Double(scale)).squareRoot()
    }
  }
}
