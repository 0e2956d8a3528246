/// The one of some names that a misspelt one most likely means; none where all are too different.
///
/// Names are compared without regard to letter case by the number of insertions, deletions,
/// replacements and exchanges of neighbours between them, of which a third of the letters may be.
/// (Damerau, "A technique for computer detection and correction of spelling errors", 1964)
package func nearestName(to name: String, among names: some Sequence<String>) -> String? {
  let wanted = Array(name.lowercased().utf8)
  let best = names.map { (name: $0, distance: editDistance(Array($0.lowercased().utf8), wanted)) }
    .min { $0.distance < $1.distance }
  guard let best, best.distance <= max(1, wanted.count / 3) else { return nil }
  return best.name
}

private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var (older, previous) = ([Int](), Array(0...b.count))
  for i in a.indices {
    var current = [i + 1]
    for j in b.indices {
      var distance = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        distance = min(distance, older[j - 1] + 1)
      }
      current.append(distance)
    }
    (older, previous) = (previous, current)
  }
  return previous[b.count]
}
