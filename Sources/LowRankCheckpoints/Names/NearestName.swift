/// The one of some names that a wrong one most likely means; nil if none is close.
///
/// Names are compared without regard to letter case by the number of insertions, deletions, replacements and exchanges of
/// neighbours between them. At most a third of the letters may differ, at least one in names of three letters or more. If
/// no name is that close, the only one that begins with the letters of the wrong name counts, as `evaluate` for `eval`, else
/// the only one of which letters were left out, as `train` for `trn`: it has the first letter, and at most twice as many.
/// (Damerau, "A technique for computer detection and correction of spelling errors", 1964)
package func nearestName(to name: String, among names: some Sequence<String>) -> String? {
  let wanted = Array(name.lowercased().utf8)
  let known = names.map { (name: $0, letters: Array($0.lowercased().utf8)) }
  let limit = wanted.count < 3 ? 0 : max(1, wanted.count / 3)
  let nearest = known.map { (name: $0.name, distance: editDistance($0.letters, wanted)) }
    .min { $0.distance < $1.distance }
  if let nearest, nearest.distance <= limit { return nearest.name }
  guard wanted.count >= 3 else { return nil }
  let longer = known.filter { $0.letters.starts(with: wanted) }
  guard longer.isEmpty else { return longer.count == 1 ? longer[0].name : nil }
  let fuller = known.filter {
    $0.letters.first == wanted.first && $0.letters.count <= 2 * wanted.count
      && holds($0.letters, inOrder: wanted)
  }
  return fuller.count == 1 ? fuller[0].name : nil
}

/// Whether letters contain others in their order, with any letters between them.
private func holds(_ letters: [UInt8], inOrder others: [UInt8]) -> Bool {
  var rest = others[...]
  for letter in letters where letter == rest.first { rest.removeFirst() }
  return rest.isEmpty
}

/// The question that ends an error about an unknown name, `; did you mean "train"?`; empty if no name is close.
package func suggestion(for name: String, among names: some Sequence<String>) -> String {
  nearestName(to: name, among: names).map { "; did you mean \"\($0)\"?" } ?? ""
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
