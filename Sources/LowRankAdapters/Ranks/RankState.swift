import LowRankCheckpoints
import LowRankTensors

/// Reads the numbers of a saved state of ranks.
struct RankState {
  private let tensors: [TensorName: Tensor]
  private let engine: any Engine

  init(_ tensors: [TensorName: Tensor], _ engine: any Engine) {
    (self.tensors, self.engine) = (tensors, engine)
  }

  /// The numbers of a name.
  ///
  /// - Throws: `RankError` where they are missing, or there are more or fewer.
  func numbers(_ name: String, count: Int) throws(RankError) -> [Float] {
    guard let tensor = tensors[TensorName(name)] else { throw .missingState(name: name) }
    let numbers = engine.floats(tensor)
    guard numbers.count == count else {
      throw .misshapenState(name: name, found: numbers.count, expected: count)
    }
    return numbers
  }

  /// Truth values of a name, kept as 0 and 1.
  ///
  /// - Throws: as ``numbers(_:count:)``.
  func flags(_ name: String, count: Int) throws(RankError) -> [Bool] {
    try numbers(name, count: count).map { $0 != 0 }
  }
}

extension Engine {
  /// Numbers as a tensor of one row.
  func row(_ numbers: [Float]) -> Tensor { tensor(numbers, [numbers.count], type: .float32) }

  /// Truth values as a tensor of 0 and 1.
  func row(_ flags: [Bool]) -> Tensor { row(flags.map { $0 ? 1 : 0 }) }
}
