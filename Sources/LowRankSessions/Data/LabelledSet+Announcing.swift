import LowRank

extension LabelledSet {
  /// Reports what became of the rows, and warns of those that lost tokens or characters.
  ///
  /// - Parameter length: the most tokens of a row.
  package func announce(at length: Int) {
    Remarks.say("\(source): \(counts)")
    LostText.warn(counts.lost, in: source)
    if let warning = counts.truncationWarning(at: length) {
      Remarks.warn("\(source): \(warning)")
    }
  }
}
