import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// Examples put together into packs of nearly the same number of tokens, each pack one element of the set.
///
/// A pack is rows end to end, each with its own positions and blind to the others, as the rows of every batch are: packing
/// changes which rows share a step and how many, and nothing else. Steps then have like numbers of tokens, however
/// short the rows are.
public struct PackedSet<Base: TrainingSet>: TrainingSet {
  /// The examples.
  public let base: Base
  /// The most tokens of a pack; a longer example is a pack of its own.
  public let capacity: Int
  /// The examples of each pack.
  public let packs: [[Int]]

  /// Packs filled from the longest example to the shortest, each put where it leaves the least room (best fit decreasing);
  /// examples of one length go in an order that follows from the seed.
  public init(_ base: Base, capacity: Int, seed: UInt64) {
    precondition(capacity > 0, "packs of \(capacity) tokens")
    self.base = base
    self.capacity = capacity
    let lengths = (0..<base.count).map { max(1, base.inputTokens(of: $0)) }
    let order = epochOrder(count: base.count, epoch: -1, seed: seed)
      .sorted { lengths[$0] > lengths[$1] }
    var packs: [[Int]] = []
    // The packs with so many tokens of room, by that room; what is longer than a pack finds none.
    var open = [[Int]](repeating: [], count: capacity + 1)
    for example in order {
      let length = lengths[example]
      let room = length > capacity ? nil : (length...capacity).first { !open[$0].isEmpty }
      guard let room, let pack = open[room].popLast() else {
        packs.append([example])
        open[max(0, capacity - length)].append(packs.count - 1)
        continue
      }
      packs[pack].append(example)
      open[room - length].append(pack)
    }
    self.packs = packs
  }

  public var source: String { base.source }
  public var count: Int { packs.count }

  /// What tells one set from another: the examples and how they are packed.
  public var fingerprint: String {
    var record: [Int64] = []
    for pack in packs { record += [Int64(pack.count)] + pack.map(Int64.init) }
    return base.fingerprint + record.withUnsafeBytes { MurmurHash3(of: $0).hexadecimal }
  }

  public func inputTokens(of pack: Int) -> Int {
    packs[pack].reduce(0) { $0 + base.inputTokens(of: $1) }
  }

  public func sequences(of pack: Int) -> Int { packs[pack].count }

  public func rows(of pack: Int) -> [Int] { packs[pack].flatMap { base.rows(of: $0) } }

  public func batch(at sources: [Int]) -> Base.Batch {
    base.batch(at: sources.flatMap { packs[$0] })
  }

  public func batch(at sources: [Int], of microbatch: [Int]) -> Base.Batch {
    base.batch(at: sources.flatMap { packs[$0] }, of: microbatch.flatMap { packs[$0] })
  }

  public func checkRead() throws(DataError) { try base.checkRead() }

  public var sharedCount: Int { base.sharedCount }
}

extension TrainingSet {
  /// The examples put together into packs of at most so many tokens.
  public func packed(capacity: Int, seed: UInt64) -> any TrainingSet {
    PackedSet(self, capacity: capacity, seed: seed)
  }
}
