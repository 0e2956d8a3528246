/// Finds all pieces of a vocabulary that stand at a place in a text, the shortest first.
///
/// Nodes are numbered so that the children of each follow one another, in the order of their bytes.
struct PieceTrie: Sendable {
  /// The byte that leads to each node.
  private var labels: [UInt8] = [0]
  /// Where the children of each node begin; they end where those of the next node begin.
  private var children: [UInt32] = []
  /// The piece that ends at each node, or -1.
  private var ids: [Int32] = [-1]
  /// The root's child for every byte, or 0: the root has too many to look through.
  private var roots: [UInt32] = Array(repeating: 0, count: 256)

  init(_ vocabulary: Vocabulary) {
    var pieces: [(bytes: [UInt8], id: Int32)] = []
    pieces.reserveCapacity(vocabulary.count)
    vocabulary.forEach { if !$0.isEmpty { pieces.append(($0, $1)) } }
    pieces.sort { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    // Level by level: the pieces below a node are a range of the sorted ones.
    var level = [0..<pieces.count]
    var depth = 0
    while !level.isEmpty {
      var next: [Range<Int>] = []
      for var rest in level {
        children.append(UInt32(labels.count))
        while let first = rest.first {
          let label = pieces[first].bytes[depth]
          var end = first + 1
          while end < rest.upperBound, pieces[end].bytes[depth] == label { end += 1 }
          let isPiece = pieces[first].bytes.count == depth + 1
          labels.append(label)
          ids.append(isPiece ? pieces[first].id : -1)
          next.append(first + (isPiece ? 1 : 0)..<end)
          rest = end..<rest.upperBound
        }
      }
      level = next
      depth += 1
    }
    children.append(UInt32(labels.count))
    for child in Int(children[0])..<Int(children[1]) { roots[Int(labels[child])] = UInt32(child) }
  }

  /// Calls `body` with every piece that starts at a byte, and its end.
  @inline(__always)
  func forEachPiece(
    of text: UnsafeBufferPointer<UInt8>, at start: Int, _ body: (Int32, Int) -> Void
  ) {
    var node = Int(roots[Int(text[start])])
    var at = start + 1
    while node > 0 {
      if ids[node] >= 0 { body(ids[node], at) }
      guard at < text.count else { return }
      node = child(of: node, text[at])
      at += 1
    }
  }

  /// The child of a node for a byte, or 0.
  @inline(__always)
  private func child(of node: Int, _ label: UInt8) -> Int {
    var low = Int(children[node])
    let end = Int(children[node + 1])
    var high = end
    while high - low > 8 {
      let middle = (low + high) / 2
      if labels[middle] <= label { low = middle } else { high = middle }
    }
    while low < high {
      if labels[low] == label { return low }
      low += 1
    }
    return 0
  }
}
