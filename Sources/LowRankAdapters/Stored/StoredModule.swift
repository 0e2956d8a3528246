import LowRankCheckpoints
import LowRankTensors

/// The factors of one module of an adapter: `ΔW = s·B A` with thin B and A.
///
/// For a table of embeddings ΔW is that of the transposed table, `[width, tokens]`.
public struct StoredModule: Sendable {
  /// What kind of module it is, which decides how its tensors are called.
  public enum Kind: Hashable, Sendable, CaseIterable {
    /// A linear map.
    case linear
    /// A table of embeddings.
    case embedding

    /// The end of A's name.
    public var downSuffix: String { self == .linear ? ".lora_A.weight" : ".lora_embedding_A" }
    /// The end of B's name.
    public var upSuffix: String { self == .linear ? ".lora_B.weight" : ".lora_embedding_B" }
  }

  /// The end of the name of DoRA's magnitudes.
  static let magnitudeSuffix = ".lora_magnitude_vector"

  /// The checkpoint path of the module.
  public let path: String
  /// What kind of module it is.
  public let kind: Kind
  /// A, `[rank, inputs]`.
  public let down: FactorMatrix
  /// B, `[outputs, rank]`.
  public let up: FactorMatrix
  /// DoRA's magnitudes.
  public let magnitude: StoredTensor?
  /// s, which is α/r or α/√r.
  public let scale: Double

  /// The module of a draft.
  public init(_ module: EditableAdapter.Module) {
    self.init(
      path: module.path, kind: module.kind, down: module.down, up: module.up,
      magnitude: module.magnitude, scale: module.scale)
  }

  init(
    path: String, kind: Kind, down: FactorMatrix, up: FactorMatrix, magnitude: StoredTensor?,
    scale: Double
  ) {
    self.path = path
    self.kind = kind
    self.down = down
    self.up = up
    self.magnitude = magnitude
    self.scale = scale
  }

  /// The rank that is stored.
  public var rank: Int { down.shape[0] }
  /// The number of inputs.
  public var inputs: Int { down.shape[1] }
  /// The number of outputs.
  public var outputs: Int { up.shape[0] }
  /// The parameters that a unit of rank takes.
  public var parametersPerRank: Int { inputs + outputs }

  /// The numbers of a factor.
  ///
  /// - Throws: `AdapterError.notFinite`, `AdapterError.unsupportedType`, `SafetensorsError`, `FileError`.
  public static func numbers(of factor: StoredTensor) throws -> [Float] {
    guard StoredType.floatingPoint.contains(factor.type) || factor.type.isBlocked else {
      throw AdapterError.unsupportedType(
        file: factor.file.path, name: factor.name.text, type: factor.type.rawValue)
    }
    let numbers = try factor.floats()
    guard numbers.allSatisfy({ $0.isFinite }) else {
      throw AdapterError.notFinite(file: factor.file.path, name: factor.name.text)
    }
    return numbers
  }

  /// A, `[rank, inputs]`, in double precision.
  ///
  /// - Throws: as ``numbers(of:)``.
  public func downMatrix() throws -> HostMatrix<Double> { try down.matrix() }

  /// B, `[outputs, rank]`, in double precision.
  ///
  /// - Throws: as ``numbers(of:)``.
  public func upMatrix() throws -> HostMatrix<Double> { try up.matrix() }
}
