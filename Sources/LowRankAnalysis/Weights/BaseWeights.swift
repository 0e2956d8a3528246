import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// The weights of a base as an adapter's modules see them, read from the model folder without building the model.
public struct BaseWeights: Sendable {
  private let folder: ModelFolder
  private let prefix: String
  private let isTransposed: Bool

  /// The weights that an adapter was made for.
  ///
  /// - Throws: what reading the configurations throws.
  public init(_ folder: ModelFolder, for adapter: StoredAdapter) throws {
    self.folder = folder
    prefix = try Architectures.prefix(folder.config)
    isTransposed = adapter.config["fan_in_fan_out"]?.bool ?? false
  }

  /// W of a module, `[outputs, inputs]`, in double precision; of a table of embeddings the transpose.
  ///
  /// - Throws: `AdapterError.missingTensor` and `.misshapenTensor` where the base has no such weight, and what reading it
  ///   throws.
  public func matrix(of module: StoredModule) throws -> HostMatrix<Double> {
    let name = module.path + ".weight"
    guard let tensor = folder.tensor(of: name, prefix: prefix) else {
      throw AdapterError.missingTensor(file: folder.url.relativePath, name: name)
    }
    let isTable = module.kind == .embedding || isTransposed
    let expected = isTable ? [module.inputs, module.outputs] : [module.outputs, module.inputs]
    guard tensor.shape == Shape(expected) else {
      throw AdapterError.misshapenTensor(
        file: folder.url.relativePath, name: name, found: "\(tensor.shape)",
        expected: "\(Shape(expected)) by the factors of the adapter")
    }
    let matrix = HostMatrix(
      try StoredModule.numbers(of: tensor).map(Double.init), rows: expected[0], columns: expected[1]
    )
    return isTable ? matrix.transposed : matrix
  }
}
