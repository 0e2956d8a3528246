import LowRankTensors

/// The extents of a linear map.
public struct MapExtents: Hashable, Sendable {
  /// The number of outputs.
  public let outputs: Int
  /// The number of inputs.
  public let inputs: Int

  /// The extents of a map.
  public init(outputs: Int, inputs: Int) { (self.outputs, self.inputs) = (outputs, inputs) }
}

/// The name of a tensor without PEFT's prefix, and its shape.
public struct StoredShape: Hashable, Sendable {
  /// The module's path and the factor's name.
  public let name: String
  /// The extents.
  public let shape: Shape
}

extension [StoredShape] {
  /// The extents of the modules that have two tensors by the ends of their names: the outputs are the rows of the first, the
  /// inputs are the columns of the second.
  func extents(up: String, down: String) -> [String: MapExtents] {
    var inputs: [String: Int] = [:]
    for tensor in self where tensor.name.utf8.hasSuffix(down) && tensor.shape.rank == 2 {
      inputs[String(tensor.name.dropLast(down.count))] = tensor.shape[1]
    }
    var extents: [String: MapExtents] = [:]
    for tensor in self where tensor.name.utf8.hasSuffix(up) && tensor.shape.rank == 2 {
      let path = String(tensor.name.dropLast(up.count))
      guard let width = inputs[path] else { continue }
      extents[path] = MapExtents(outputs: tensor.shape[0], inputs: width)
    }
    return extents
  }
}

extension String.UTF8View {
  fileprivate func hasSuffix(_ end: String) -> Bool {
    suffix(end.utf8.count).elementsEqual(end.utf8)
  }
}
