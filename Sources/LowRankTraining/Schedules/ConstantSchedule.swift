extension Schedule {
  /// The peak to the end.
  public static let constant = Schedule("constant") { _, _, _ in 1 }
}
