import LowRankTensors

/// What one pass does with a cache: which sequences it continues, and where their rows lie in the tables.
public struct CacheUse {
  let cache: any KeyValueTables
  let segments: [Segment]
  let slots: Tensor

  /// A pass that adds `rows.segments[i]` to sequence `sequences[i]` of a cache.
  public init(_ cache: KeyValueCache, sequences: [Int], rows: PackedRows, engine: any Engine) {
    var slots: [Int32] = []
    segments = zip(rows.segments, sequences).map { queries, sequence in
      let start = sequence * cache.capacity
      let earlier = cache.lengths[sequence]
      let length = earlier + queries.count
      precondition(
        length <= cache.capacity,
        "sequence \(sequence) grows to \(length) of \(cache.capacity) cached rows")
      slots.append(contentsOf: (start + earlier..<start + length).map(Int32.init))
      return Segment(queries: queries, keys: start..<start + length)
    }
    self.cache = cache
    self.slots = engine.tensor(slots, [slots.count])
  }

  /// A pass that adds `rows.segments[i]`, from its first position on, to the sequence that lies on `pages[i]`.
  public init(_ cache: PagedKeyValues, pages: [[Int32]], rows: PackedRows, engine: any Engine) {
    var slots: [Int32] = []
    slots.reserveCapacity(rows.count)
    segments = zip(rows.segments, pages).map { queries, pages in
      guard let last = queries.last else { return Segment(queries: queries, keys: 0..<0) }
      let segment = Segment(
        queries: queries, keyCount: Int(rows.positions[last]) + 1, pages: pages)
      for row in queries { slots.append(Int32(segment.row(ofKey: Int(rows.positions[row])))) }
      return segment
    }
    self.cache = cache
    self.slots = engine.tensor(slots, [slots.count])
  }
}
