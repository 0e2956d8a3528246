import LowRankCheckpoints
import LowRankTensors

/// One of the two factors of an update: as a file holds it, perhaps arranged otherwise there, or new numbers.
public struct FactorMatrix: Sendable {
  /// The extents, `[rank, inputs]` or `[outputs, rank]`.
  public let shape: Shape
  /// How the numbers are stored, or are to be.
  public let type: StoredType
  private let content: Content

  private enum Content {
    case stored(StoredTensor)
    case rearranged(StoredTensor, FactorArrangement)
    case numbers([Float])
  }

  /// A factor as it is stored.
  public init(_ tensor: StoredTensor) {
    (shape, type, content) = (tensor.shape, tensor.type, .stored(tensor))
  }

  /// A matrix of a file that holds its numbers in another order.
  init(_ tensor: StoredTensor, arranged arrangement: FactorArrangement) {
    precondition(tensor.shape.rank == 2, "a factor of \(tensor.shape)")
    shape = arrangement.shape(of: tensor.shape)
    (type, content) = (tensor.type, .rearranged(tensor, arrangement))
  }

  /// New numbers, row-major.
  public init(_ numbers: [Float], _ shape: Shape, as type: StoredType) {
    precondition(numbers.count == shape.count, "\(numbers.count) numbers for \(shape)")
    (self.shape, self.type, content) = (shape, type, .numbers(numbers))
  }

  /// A matrix.
  public init(_ matrix: HostMatrix<Float>, as type: StoredType) {
    self.init(matrix.elements, [matrix.rows, matrix.columns], as: type)
  }

  /// A matrix rounded to a type.
  public init(_ matrix: HostMatrix<Double>, rounded type: StoredType) {
    let numbers = matrix.elements.map { Float($0).rounded(to: type) }
    self.init(numbers, [matrix.rows, matrix.columns], as: type)
  }

  /// The tensor of the file whose bytes these are; none where they stand in another order or are new.
  public var stored: StoredTensor? { if case .stored(let tensor) = content { tensor } else { nil } }

  /// The bytes that it takes.
  public var byteCount: Int { shape.count * type.bits / 8 }

  /// The numbers.
  ///
  /// - Throws: `AdapterError.notFinite`, and what reading a file throws.
  public func values() throws -> [Float] {
    switch content {
    case .numbers(let numbers): numbers
    case .stored(let tensor): try StoredModule.numbers(of: tensor)
    case .rearranged(let tensor, let arrangement):
      arrangement.arranged(try StoredModule.numbers(of: tensor), shape)
    }
  }

  /// The numbers in double precision.
  ///
  /// - Throws: as ``values()``.
  public func matrix() throws -> HostMatrix<Double> {
    HostMatrix(widening: try floatMatrix())
  }

  /// The numbers as a matrix, in single precision.
  ///
  /// - Throws: as ``values()``.
  package func floatMatrix() throws -> HostMatrix<Float> {
    HostMatrix(try values(), rows: shape[0], columns: shape[1])
  }

  /// The tensor as a file is to hold it.
  public func source(_ name: String) -> TensorSource {
    if let stored { return TensorSource(stored, as: TensorName(name)) }
    return TensorSource(TensorName(name), shape, floats: try values(), as: type)
  }

  /// The factor times a number; itself where that is 1.
  func scaled(by scale: Double, as type: StoredType? = nil) throws -> FactorMatrix {
    guard scale != 1 else { return self }
    return FactorMatrix(
      try values().map { Float(Double($0) * scale) }, shape, as: type ?? self.type)
  }

  /// The factor with zeros behind its rows and columns; itself where that adds none.
  func padded(to shape: Shape) throws -> FactorMatrix {
    guard shape != self.shape else { return self }
    let (columns, wider) = (self.shape[1], shape[1])
    let values = try values()
    var result = [Float](repeating: 0, count: shape.count)
    for row in 0..<self.shape[0] {
      for column in 0..<columns { result[row * wider + column] = values[row * columns + column] }
    }
    return FactorMatrix(result, shape, as: type)
  }

  /// The factor in another order.
  func arranged(_ arrangement: FactorArrangement) throws -> FactorMatrix {
    let shape = arrangement.shape(of: shape)
    return FactorMatrix(arrangement.arranged(try values(), shape), shape, as: type)
  }
}
