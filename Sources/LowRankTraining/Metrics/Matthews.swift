extension ConfusionMatrix {
  /// Matthews' correlation coefficient for any number of classes, from -1 to 1.
  ///
  /// (c·n − Σ pₖ·tₖ) / √((n² − Σ pₖ²)·(n² − Σ tₖ²)) of c right ones among n rows, of which pₖ were
  /// given class k and tₖ are of it; 0 where all were given one class, or are of one.
  /// (Gorodkin, "Comparing two K-category assignments by a K-category correlation coefficient", 2004)
  public var matthews: Double {
    let n = Double(total)
    let p = predicted.map(Double.init)
    let t = support.map(Double.init)
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let (spread, truthSpread) = (n * n - dot(p, p), n * n - dot(t, t))
    guard spread > 0, truthSpread > 0 else { return 0 }
    return (Double(correct) * n - dot(p, t)) / (spread.squareRoot() * truthSpread.squareRoot())
  }
}
