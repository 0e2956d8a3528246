import LowRankTensors

extension [LowRankTerm] {
  /// The terms in groups that add to the same outputs with the same scale, in order: the update of a map, or of a slice.
  var byOutputs: [[LowRankTerm]] {
    var groups: [[LowRankTerm]] = []
    for term in self {
      let place = groups.firstIndex { $0[0].columns == term.columns && $0[0].scale == term.scale }
      if let place { groups[place].append(term) } else { groups.append([term]) }
    }
    return groups
  }
}

extension HostMatrix<Float> {
  /// Matrices of as many columns.
  init(onTopOfEachOther parts: [HostMatrix<Float>]) {
    self.init(
      parts.flatMap(\.elements), rows: parts.reduce(0) { $0 + $1.rows }, columns: parts[0].columns)
  }

  /// Matrices of as many rows.
  init(besideEachOther parts: [HostMatrix<Float>]) {
    guard parts.count > 1 else {
      self = parts[0]
      return
    }
    let rows = (0..<parts[0].rows).flatMap { row in
      parts.flatMap { $0.elements[row * $0.columns..<(row + 1) * $0.columns] }
    }
    self.init(rows, rows: parts[0].rows, columns: parts.reduce(0) { $0 + $1.columns })
  }
}
