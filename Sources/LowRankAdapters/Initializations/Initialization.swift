import LowRankTensors
import LowRankTransformers

/// Where a pair of low-rank factors starts.
///
/// No start writes W: one that does not begin at `B A = 0` says so, and the update subtracts the starting product as a
/// frozen pair.
public protocol Initialization: Sendable {
  /// PEFT's value of `init_lora_weights`.
  var configurationValue: InitializationName { get }
  /// Whether it starts elsewhere than at `B A = 0`, so that the update subtracts a frozen copy of the starting product.
  var isOffset: Bool { get }
  /// Whether tables of embeddings may have it; they start in a way of their own, with A = 0.
  var fitsTables: Bool { get }
  /// The factors of one site, for `scale · up · down`.
  func factors(for request: StartRequest) throws -> StartingFactors
}

extension Initialization {
  /// Zero.
  public var isOffset: Bool { false }
  /// Linear maps only.
  public var fitsTables: Bool { false }
}

/// PEFT's names of starts.
public enum InitializationName: Hashable, Sendable {
  /// `true` or `false`.
  case flag(Bool)
  /// `"gaussian"` and others by name.
  case named(String)

  /// The value as PEFT's file has it.
  var text: String {
    switch self {
    case .flag(let isOn): "\(isOn)"
    case .named(let name): name
    }
  }
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

  /// The factors of a start.
  public init(down: [Float], up: [Float]) {
    self.down = down
    self.up = up
  }
}
