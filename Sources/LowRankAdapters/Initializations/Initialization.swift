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
  /// Whether it starts elsewhere than at `B A = 0` and nothing is subtracted, so that a fresh adapter changes the model.
  var changesModel: Bool { get }
  /// Whether tables of embeddings may have it; they start in a way of their own, with A = 0.
  var fitsTables: Bool { get }
  /// What it has to be told of a site beside its shape.
  var needs: StartNeeds { get }
  /// How many times its rank a module may get where ranks follow from the statistics.
  var rankGrowth: Double { get }
  /// Whether ranks follow from the statistics, and factors are cut to them.
  var choosesRanks: Bool { get }
  /// Whether a module whose rank follows from the statistics keeps its scale; otherwise that follows from the rank.
  var keepsScale: Bool { get }
  /// What the ranks that follow from the statistics go by, for people.
  var rankGround: String { get }
  /// The rank of each module, where ranks follow from the statistics.
  func ranks(of offers: [RankOffer]) -> [Int]
  /// The factors of a rank, out of those that ``factors(for:)`` offers.
  ///
  /// - Throws: `LinearAlgebraError`.
  func cut(_ offered: StartingFactors, to rank: Int, of extents: MapExtents, scale: Double) throws
    -> StartingFactors
  /// The factors of one site, for `scale · up · down`.
  func factors(for request: StartRequest) throws -> StartingFactors
}

extension Initialization {
  /// Zero.
  public var isOffset: Bool { false }
  /// A fresh adapter changes nothing.
  public var changesModel: Bool { false }
  /// Linear maps only.
  public var fitsTables: Bool { false }
  /// Nothing.
  public var needs: StartNeeds { StartNeeds() }
  /// The ranks are given.
  public var rankGrowth: Double { 1 }
  /// They do where a module may get more than its rank.
  public var choosesRanks: Bool { rankGrowth > 1 }
  /// It does.
  public var keepsScale: Bool { true }
  /// The variance of the inputs.
  public var rankGround: String { "the variance that directions explain" }

  /// The directions that explain the largest shares get the ranks, whatever module they are of; the sum of the ranks stays.
  ///
  /// Of equal shares the earlier module gets the rank.
  public func ranks(of offers: [RankOffer]) -> [Int] {
    var shares: [(share: Double, site: Int)] = []
    for (index, offer) in offers.enumerated() {
      shares += (offer.factors.shares ?? []).map { ($0, index) }
    }
    shares.sort { ($1.share, $0.site) < ($0.share, $1.site) }
    var counts = [Int](repeating: 0, count: offers.count)
    for share in shares.prefix(offers.reduce(0) { $0 + $1.rank }) { counts[share.site] += 1 }
    return counts
  }

  /// The first directions.
  public func cut(
    _ offered: StartingFactors, to rank: Int, of extents: MapExtents, scale: Double
  ) throws -> StartingFactors {
    let count = offered.down.count / max(1, extents.inputs)
    return StartingFactors(
      down: Array(offered.down.prefix(rank * extents.inputs)),
      up: (0..<extents.outputs).flatMap { row in
        offered.up[row * count..<row * count + min(rank, count)]
      })
  }
}

/// What a start found of one module, of which the ranks of all modules follow.
public struct RankOffer: Sendable {
  /// The rank that the module was given.
  public let rank: Int
  /// The numbers that a unit of rank takes.
  public let parametersPerRank: Int
  /// The greatest rank that it can have.
  public let most: Int
  /// What the start found, of the first of several slices.
  public let factors: StartingFactors
  /// The mean importance of the module's weights; nil where the start found none.
  public let importance: Double?

  /// An offer.
  public init(
    rank: Int, parametersPerRank: Int, most: Int, factors: StartingFactors, importance: Double?
  ) {
    (self.rank, self.parametersPerRank, self.most) = (rank, parametersPerRank, most)
    (self.factors, self.importance) = (factors, importance)
  }
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
  /// The outputs of a fused map that the pair makes; nil for those of the whole map.
  public let slice: Range<Int>?
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
  /// How important the weights of the map are, as a mean over them; nil where nobody asks.
  public var importance: Double?

  /// The factors of a start.
  public init(
    down: [Float], up: [Float], shares: [Double]? = nil, importance: Double? = nil
  ) {
    self.down = down
    self.up = up
    self.shares = shares
    self.importance = importance
  }
}
