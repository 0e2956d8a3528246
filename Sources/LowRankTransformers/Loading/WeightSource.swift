import LowRankTensors

/// Where a model's weights come from: a checkpoint, or a random start.
public protocol WeightSource {
  /// Makes a weight resident, `name` being its path in the transformers class for the task; nil where a model is only
  /// described.
  mutating func tensor(_ name: String, _ shape: Shape, role: Parameter.Role) throws -> Tensor?
  /// Whether there is such a weight.
  func has(_ name: String) -> Bool
}

/// Builds the layers of a model from a source, collecting their values in a store.
public struct ModelBuilder<Source: WeightSource> {
  /// Where weights come from.
  public private(set) var source: Source
  /// The values so far.
  public private(set) var store = ParameterStore()

  /// A builder with an empty store.
  public init(_ source: Source) { self.source = source }

  /// A parameter of a module with its value.
  public mutating func parameter(
    _ name: String, _ shape: Shape, _ role: Parameter.Role, of module: String
  ) throws -> Parameter {
    let path = "\(module).\(name)"
    let parameter = Parameter(path, shape, role: role, module: module)
    if let value = try source.tensor(path, shape, role: role) { store[parameter] = value }
    return parameter
  }

  /// A linear map, with a bias where asked.
  public mutating func linear(
    _ path: String, inputs: Int, outputs: Int, bias: Bool, inputsFirst: Bool = false
  ) throws -> any LinearMap {
    let shape: Shape = inputsFirst ? [inputs, outputs] : [outputs, inputs]
    return Dense(
      path: path, weight: try parameter("weight", shape, .weight, of: path),
      bias: bias ? try parameter("bias", [outputs], .bias, of: path) : nil,
      inputsFirst: inputsFirst)
  }

  /// A table of embeddings.
  public mutating func embedding(_ path: String, count: Int, width: Int) throws
    -> any EmbeddingMap
  {
    EmbeddingTable(try parameter("weight", [count, width], .embedding, of: path))
  }

  /// A norm; one of layers has a bias unless it is said to have none.
  public mutating func norm(
    _ kind: Norm, _ path: String, width: Int, epsilon: Float, bias: Bool = true
  ) throws -> NormLayer {
    NormLayer(
      kind: kind, weight: try parameter("weight", [width], .norm, of: path),
      bias: kind == .layer && bias ? try parameter("bias", [width], .bias, of: path) : nil,
      epsilon: epsilon)
  }

  /// The head: a map of its own, or the embedding's table once more where they are tied.
  public mutating func head(
    _ path: String, tiedTo embedding: any EmbeddingMap, isTied: Bool
  ) throws -> any LinearMap {
    guard !isTied else { return Dense(path: path, weight: embedding.weight) }
    let shape = embedding.weight.shape
    return try linear(path, inputs: shape[1], outputs: shape[0], bias: false)
  }
}
