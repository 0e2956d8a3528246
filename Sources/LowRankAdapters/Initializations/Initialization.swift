import LowRankTensors
import LowRankTransformers

/// Where a pair of low-rank factors starts.
///
/// No start writes W: one that does not begin at `B A = 0` says so, and the update subtracts the starting product as a
/// frozen pair.
public protocol Initialization: Sendable {
  /// PEFT's value of `init_lora_weights`.
  var configurationValue: InitializationName { get }
  /// The factors of one site, for `scale · up · down`.
  func factors(for request: StartRequest) throws -> StartingFactors
}

/// PEFT's names of starts.
public enum InitializationName: Hashable, Sendable {
  /// `true` or `false`.
  case flag(Bool)
  /// `"gaussian"` and others by name.
  case named(String)
}

/// What a start is told about a site.
public struct StartRequest {
  /// The module's path.
  public let path: String
  /// The rank of the pair.
  public let rank: Int
  /// The number of inputs n.
  public let inputs: Int
  /// The number of outputs m that the pair makes.
  public let outputs: Int
  /// s.
  public let scale: Float
  /// The frozen weight of these outputs, row-major `[outputs, inputs]`, worked out when asked for.
  public let weight: () -> [Float]
  /// The random numbers of this site: a function of the seed and the path.
  public var random: Philox
}

/// The factors that a start returns, row-major.
public struct StartingFactors: Sendable {
  /// A, `[rank, inputs]`.
  public var down: [Float]
  /// B, `[outputs, rank]`.
  public var up: [Float]
  /// Whether `up · down` is to be subtracted by a frozen copy of the pair.
  public var isOffset: Bool

  /// The factors of a start.
  public init(down: [Float], up: [Float], isOffset: Bool = false) {
    self.down = down
    self.up = up
    self.isOffset = isOffset
  }
}
