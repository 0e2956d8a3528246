import Synchronization

/// The identity of a tensor that can be trained, saved and replaced; its value lies in a ``ParameterStore``.
public struct Parameter: Hashable, Sendable, CustomStringConvertible {
  /// What a parameter is for, which decides weight decay, learning rates and how it is saved.
  public struct Role: Hashable, Sendable, RawRepresentable {
    /// The role's name.
    public let rawValue: String
    /// A role by name, for methods with factors of their own.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The matrix of a linear map.
    public static let weight = Role(rawValue: "weight")
    /// The bias of a linear map or norm.
    public static let bias = Role(rawValue: "bias")
    /// The weight of a norm.
    public static let norm = Role(rawValue: "norm")
    /// A table of embeddings.
    public static let embedding = Role(rawValue: "embedding")
    /// The factor A of an update, from inputs to the rank.
    public static let down = Role(rawValue: "down")
    /// The factor B of an update, from the rank to outputs.
    public static let up = Role(rawValue: "up")
    /// A matrix between two factors, or one that stands alone.
    public static let core = Role(rawValue: "core")
    /// A diagonal between factors.
    public static let diagonal = Role(rawValue: "diagonal")
    /// A frozen matrix that several modules share.
    public static let bank = Role(rawValue: "bank")
    /// The row norms of DoRA.
    public static let magnitude = Role(rawValue: "magnitude")
  }

  /// The name in a checkpoint, `transformer.h.0.attn.c_attn.weight`.
  public let path: String
  /// The extents of its value.
  public let shape: Shape
  /// What it is for.
  public let role: Role
  /// The path of the module it belongs to.
  public let module: String
  private let id: UInt64

  /// A new parameter, different from every other one.
  public init(_ path: String, _ shape: Shape, role: Role, module: String) {
    self.path = path
    self.shape = shape
    self.role = role
    self.module = module
    self.id = Parameter.nextID.wrappingAdd(1, ordering: .relaxed).newValue
  }

  private static let nextID = Atomic<UInt64>(0)

  /// Whether two are the same parameter, not merely alike.
  public static func == (a: Parameter, b: Parameter) -> Bool { a.id == b.id }

  /// Hashes the identity.
  public func hash(into hasher: inout Hasher) { hasher.combine(id) }

  /// The path and shape.
  public var description: String { "\(path) \(shape)" }
}
