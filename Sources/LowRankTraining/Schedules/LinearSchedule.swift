extension Schedule {
  /// A straight line to zero at the end of the run.
  public static let linear = Schedule("linear", fallsToZero: true) { step, warmup, total in
    max(0, Double(total - step) / Double(max(1, total - warmup)))
  }
}
