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
  /// What it has to be told of a site beside its shape.
  var needs: StartNeeds { get }
  /// How many times its rank a module may get where ranks follow from the statistics; 1 where they do not.
  var rankGrowth: Double { get }
  /// The factors of one site, for `scale · up · down`.
  func factors(for request: StartRequest) throws -> StartingFactors
}

extension Initialization {
  /// Zero.
  public var isOffset: Bool { false }
  /// Linear maps only.
  public var fitsTables: Bool { false }
  /// Nothing.
  public var needs: StartNeeds { StartNeeds() }
  /// The ranks are given.
  public var rankGrowth: Double { 1 }
}

/// PEFT's names of starts.
public enum InitializationName: Hashable, Sendable {
  /// `true` or `false`.
  case flag(Bool)
  /// `"gaussian"` and others by name.
  case named(String)

  /// The value as PEFT's file has it.
  package var text: String {
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
  /// What tells the pair from others: the path, and the role where it is one of several slices.
  public let key: String
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
  /// What the inputs and gradients of this site are on some data; nil where nobody collected it.
  public var statistics: SiteStatistics?
}

/// The factors that a start returns, row-major.
public struct StartingFactors: Sendable {
  /// A, `[rank, inputs]`.
  public var down: [Float]
  /// B, `[outputs, rank]`.
  public var up: [Float]
  /// What each direction explains, largest first; nil where ranks are given.
  ///
  /// With shares there may be more directions than the rank.
  public var shares: [Double]?

  /// The factors of a start.
  public init(down: [Float], up: [Float], shares: [Double]? = nil) {
    self.down = down
    self.up = up
    self.shares = shares
  }
}
