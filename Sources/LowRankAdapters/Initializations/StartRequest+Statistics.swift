import LowRankTensors

extension StartRequest {
  /// The moments of the inputs.
  ///
  /// - Throws: `StartError` where there are none, or they are not finite.
  func inputMoments(for start: String) throws -> SecondMoments {
    try checked(statistics?.inputs, of: "inputs", for: start)
  }

  /// The moments of the gradients of the outputs.
  ///
  /// - Throws: `StartError` where there are none, or they are not finite.
  func outputMoments(for start: String) throws -> SecondMoments {
    try checked(statistics?.outputs, of: "gradients", for: start)
  }

  /// The gradient of the weight, in double precision.
  ///
  /// - Throws: `StartError` where there is none, it is not finite, or it is zero.
  func weightGradient(for start: String) throws -> HostMatrix<Double> {
    guard let gradient = statistics?.gradient else { throw StartError.noStatistics(start, path) }
    var largest: Float = 0
    for number in gradient.elements {
      guard number.isFinite else { throw StartError.notFinite(start, path, of: "gradients") }
      largest = max(largest, abs(number))
    }
    guard largest > 0 else { throw StartError.noGradient(start, path) }
    return HostMatrix<Double>(widening: gradient)
  }

  private func checked(
    _ moments: SecondMoments?, of what: String, for start: String
  ) throws -> SecondMoments {
    guard let moments, moments.count > 0 else { throw StartError.noStatistics(start, path) }
    guard moments.matrix.elements.allSatisfy(\.isFinite) else {
      throw StartError.notFinite(start, path, of: what)
    }
    return moments
  }

  /// Refuses a rank beyond what the map has directions for.
  ///
  /// - Throws: `AdapterError.invalid`.
  func requireRank(atMost most: Int, _ why: String, for start: String) throws {
    guard rank <= most else {
      throw AdapterError.invalid(
        key: "rank", value: "\(rank) for \(path)",
        expected: "at most \(most), \(why), for the start \(start)")
    }
  }
}
