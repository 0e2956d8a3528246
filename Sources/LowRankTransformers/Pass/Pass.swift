import LowRankTensors

/// What a layer is given beside its input: where to compute, with which values, on which rows.
///
/// A model is never changed to be run differently: recording, dropout, caches, the selected adapters and
/// observers are all facts of the pass.
public struct Pass {
  /// The engine, the type of matrix inputs, and the tape or none.
  public var compute: Computation
  /// The values of parameters.
  public var store: ParameterStore
  /// The rows of the batch: whose they are and where they stand.
  public let rows: PackedRows
  /// The position of each row in its sequence, i32 `[rows]`.
  public let positions: Tensor
  /// Keys and values of earlier rows; nil where sequences are seen whole.
  public var cache: CacheUse?
  /// Which adapters apply to which rows.
  public var adapters: AdapterSelection
  /// The key of the pass's random numbers; nil where nothing is dropped.
  public var random: RandomKey?
  /// What is shown the inputs, and gradients of the outputs, of linear maps.
  public var observers: [any LinearObserver]
  /// The share of the loss of a token or class that is for all of them alike.
  public var labelSmoothing: Float = 0
  /// Whether each block keeps only its input and is computed again in the backward pass (gradient checkpointing).
  public var recomputesBlocks = false
  /// Whether a block is being computed again for its derivative.
  var isReplay = false
  /// StopGradientCache of the derivative that several passes share; nil where each works out its own.
  public var constants: StopGradientCache?

  /// A pass over packed rows.
  public init(
    compute: Computation, store: ParameterStore, rows: PackedRows, cache: CacheUse? = nil,
    adapters: AdapterSelection = .none, random: RandomKey? = nil,
    observers: [any LinearObserver] = []
  ) {
    self.compute = compute
    self.store = store
    self.rows = rows
    self.positions = compute.engine.tensor(rows.positions, [rows.count])
    self.cache = cache
    self.adapters = adapters
    self.random = random
    self.observers = observers
  }

  /// The value of a parameter as the module at `path` uses it: that of a selected adapter which replaces
  /// it there, whole or in single rows, else the base's.
  public func value(_ parameter: Parameter, at path: String? = nil) -> Tensor {
    let whole = wholeValue(parameter, at: path)
    guard let own = adapters.ownRows(at: path ?? parameter.path) else { return whole }
    return compute.replacingRows(of: whole, at: own.numbers, by: store[own.rows])
  }

  /// The value without the single rows that an adapter replaces.
  func wholeValue(_ parameter: Parameter, at path: String? = nil) -> Tensor {
    store[adapters.replacement(at: path ?? parameter.path) ?? parameter]
  }

  /// The kind of each row's token, i32 `[rows]`.
  var tokenTypeIDs: Tensor {
    compute.engine.tensor(
      rows.tokenTypeIDs ?? [Int32](repeating: 0, count: rows.count), [rows.count])
  }

  /// Drops elements while training, at a rate of the base or of an adapter; `site` keys the random numbers.
  ///
  /// What is shared by all rows of a micro-batch loses the same elements in each part of it.
  public func dropout(
    _ x: Tensor, _ probability: Float, site: String, isShared: Bool = false
  ) -> Tensor {
    guard let random, probability > 0 else { return x }
    let before =
      switch x.shape.rows {
      case _ where isShared: 0
      case rows.count: random.rowsBefore
      case rows.segments.count: random.sequencesBefore
      default: 0
      }
    return compute.dropout(
      x, probability: probability, key: random.key(for: site), first: before * x.shape.columns)
  }
}
