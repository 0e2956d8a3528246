import LowRankCheckpoints
import LowRankTensors

/// A factor to be written: one that is stored somewhere, byte for byte, or new numbers.
public struct DraftFactor: Sendable {
  /// The extents.
  public let shape: Shape
  /// How the numbers are to be stored.
  public let type: StoredType
  private let stored: StoredTensor?
  private let numbers: [Float]

  /// A factor as it is stored.
  public init(_ tensor: StoredTensor) {
    (shape, type, stored, numbers) = (tensor.shape, tensor.type, tensor, [])
  }

  /// New numbers, row-major.
  public init(_ numbers: [Float], _ shape: Shape, as type: StoredType) {
    precondition(numbers.count == shape.count, "\(numbers.count) numbers for \(shape)")
    (self.shape, self.type, stored, self.numbers) = (shape, type, nil, numbers)
  }

  /// A matrix.
  public init(_ matrix: HostMatrix<Float>, as type: StoredType) {
    self.init(matrix.elements, [matrix.rows, matrix.columns], as: type)
  }

  /// Whether the bytes are those of a file.
  public var isStored: Bool { stored != nil }

  /// The numbers.
  ///
  /// - Throws: `AdapterError.notFinite`, and what reading a file throws.
  public func values() throws -> [Float] {
    try stored.map { try StoredModule.numbers(of: $0) } ?? numbers
  }

  /// The tensor as a file is to hold it.
  public func source(_ name: String) -> TensorSource {
    if let stored { return TensorSource(stored, as: TensorName(name)) }
    return TensorSource(TensorName(name), shape, floats: numbers, as: type)
  }

  /// The factor times a number; itself where that is 1.
  func scaled(by scale: Double) throws -> DraftFactor {
    guard scale != 1 else { return self }
    return DraftFactor(try values().map { Float(Double($0) * scale) }, shape, as: type)
  }

  /// The factor with zeros behind its rows and columns; itself where that adds none.
  func padded(to shape: Shape) throws -> DraftFactor {
    guard shape != self.shape else { return self }
    let (columns, wider) = (self.shape[1], shape[1])
    let values = try values()
    var result = [Float](repeating: 0, count: shape.count)
    for row in 0..<self.shape[0] {
      for column in 0..<columns { result[row * wider + column] = values[row * columns + column] }
    }
    return DraftFactor(result, shape, as: type)
  }

  /// The factor with rows and columns exchanged.
  func transposed() throws -> DraftFactor {
    let matrix = HostMatrix(try values(), rows: shape[0], columns: shape[1])
    return DraftFactor(matrix.transposed, as: type)
  }
}
