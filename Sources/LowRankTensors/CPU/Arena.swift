import CKernels

/// Address space that blocks are cut from, each where it fits best, and joined again when they are freed.
///
/// Blocks of any sizes share the same pages, so what a run holds is what its largest step takes, whatever the lengths of
/// the rows are. Pages come from the system when they are first written to, as huge pages where it grants them, and
/// ``release(downTo:)`` returns those without a block.
struct Arena {
  /// A range of addresses without a block.
  private struct Gap {
    var start: UInt
    var size: Int
    var end: UInt { start + UInt(size) }
  }

  /// A range of addresses of the system's, and which of its pages were written to.
  fileprivate struct Segment {
    let start: UInt
    let size: Int
    var isTouched: [Bool]
  }

  /// The size of a huge page, the unit in which memory is held.
  static let page = 1 << 21
  /// The address space asked for at first; later segments are larger.
  private static let firstSegment = 1 << 30

  /// The bytes of all pages that a block was ever in, less those that were returned.
  private(set) var held = 0
  /// By address; neighbours are joined.
  private var gaps: [Gap] = []
  private var segments: [Segment] = []

  /// Cuts a block out of the smallest gap that it fits into; nil where the system gives no more addresses.
  mutating func allocate(_ size: Int) -> UInt? {
    guard let index = bestGap(for: size) ?? extend(by: size) else { return nil }
    let start = gaps[index].start
    if gaps[index].size == size {
      gaps.remove(at: index)
    } else {
      gaps[index].start += UInt(size)
      gaps[index].size -= size
    }
    touch(start, size)
    return start
  }

  /// Takes back a block.
  mutating func deallocate(_ start: UInt, _ size: Int) {
    insert(Gap(start: start, size: size))
  }

  /// Returns pages without a block to the system, those at the highest addresses first, until at most so many bytes are held.
  mutating func release(downTo limit: Int) {
    for gap in gaps.reversed() where held > limit { release(gap, downTo: limit) }
  }

  /// Returns all address space; no block may be in use.
  mutating func close() {
    for segment in segments {
      lr_unreserve(
        UnsafeMutableRawPointer(bitPattern: segment.start), segment.size + Self.page)
    }
    self = Arena()
  }

  /// How many more bytes a block of this size would make the arena hold.
  func growth(for size: Int) -> Int {
    guard let gap = bestGap(for: size) else {
      return (size + Self.page - 1) / Self.page * Self.page
    }
    let segment = segments[segment(of: gaps[gap].start)]
    return segment.pages(touching: gaps[gap].start, size)
      .reduce(0) { $0 + (segment.isTouched[$1] ? 0 : Self.page) }
  }

  /// The smallest gap that a block fits into, of equal ones that at the lowest address.
  private func bestGap(for size: Int) -> Int? {
    var (best, least) = (-1, Int.max)
    gaps.withUnsafeBufferPointer { gaps in
      for index in gaps.indices where gaps[index].size >= size && gaps[index].size < least {
        (best, least) = (index, gaps[index].size)
      }
    }
    return best < 0 ? nil : best
  }

  /// Adds a gap that a block of this size fits into, and returns its place.
  private mutating func extend(by size: Int) -> Int? {
    let least = (size + Self.page - 1) / Self.page * Self.page
    var bytes = max(Self.firstSegment << min(segments.count, 10), least)
    while true {
      // A page that no block is in keeps segments apart.
      if let memory = lr_reserve(bytes + Self.page) {
        let start = UInt(bitPattern: memory)
        let isTouched = [Bool](repeating: false, count: bytes / Self.page)
        segments.append(Segment(start: start, size: bytes, isTouched: isTouched))
        insert(Gap(start: start, size: bytes))
        return bestGap(for: size)
      }
      // The address space of a process may be limited.
      guard bytes > least else { return nil }
      bytes = max(least, bytes / 2 / Self.page * Self.page)
    }
  }

  /// Adds a gap and joins it with its neighbours.
  private mutating func insert(_ gap: Gap) {
    var (low, high) = (0, gaps.count)
    while low < high {
      let middle = (low + high) / 2
      if gaps[middle].start < gap.start { low = middle + 1 } else { high = middle }
    }
    let joinsBefore = low > 0 && gaps[low - 1].end == gap.start
    let joinsAfter = low < gaps.count && gaps[low].start == gap.end
    switch (joinsBefore, joinsAfter) {
    case (true, true):
      gaps[low - 1].size += gap.size + gaps[low].size
      gaps.remove(at: low)
    case (true, false): gaps[low - 1].size += gap.size
    case (false, true): gaps[low] = Gap(start: gap.start, size: gap.size + gaps[low].size)
    case (false, false): gaps.insert(gap, at: low)
    }
  }

  /// The place of the segment that an address lies in; there are few.
  private func segment(of address: UInt) -> Int {
    segments.firstIndex { address >= $0.start && address - $0.start < UInt($0.size) } ?? 0
  }

  /// Notes that the pages of a block are going to be written to.
  private mutating func touch(_ start: UInt, _ size: Int) {
    let index = segment(of: start)
    for page in segments[index].pages(touching: start, size)
    where !segments[index].isTouched[page] {
      segments[index].isTouched[page] = true
      held += Self.page
    }
  }

  /// Returns the pages that lie in a gap as a whole, the last ones first, until at most so many bytes are held.
  private mutating func release(_ gap: Gap, downTo limit: Int) {
    let index = segment(of: gap.start)
    let start = segments[index].start
    for page in segments[index].pages(inside: gap.start, gap.size).reversed()
    where held > limit && segments[index].isTouched[page] {
      segments[index].isTouched[page] = false
      held -= Self.page
      lr_return_pages(
        UnsafeMutableRawPointer(bitPattern: start + UInt(page * Self.page)), Self.page)
    }
  }
}

extension Arena.Segment {
  /// The pages that any byte of a range lies in.
  func pages(touching from: UInt, _ size: Int) -> Range<Int> {
    let offset = Int(from - start)
    return offset / Arena.page..<(offset + size + Arena.page - 1) / Arena.page
  }

  /// The pages that lie in a range as a whole.
  func pages(inside from: UInt, _ size: Int) -> Range<Int> {
    let offset = Int(from - start)
    let first = (offset + Arena.page - 1) / Arena.page
    return first..<max(first, (offset + size) / Arena.page)
  }
}
