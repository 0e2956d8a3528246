/// Files of a folder whose names say that they belong together.
struct SplitGroup: Hashable {
  /// How clearly the names say what the files are for, the clearest first.
  enum Clarity: Int {
    /// Named after a split: `train.jsonl`, `train-00000-of-00002.jsonl`, or the folder `train`.
    case exact
    /// Named after a variant of a split, `train_sft`.
    case variant
    /// Numbered: `train-1.jsonl`, `train-2.jsonl`.
    case numbered
    /// With the name of a split at the beginning or the end: `gsm8k_train.jsonl`.
    case partial
  }

  /// The name of the split, or what the names of the files have in common.
  let name: String
  /// What the rows are for; nil if the name does not say.
  let role: SplitRole?
  /// How clearly the name says it.
  let clarity: Clarity
  /// Whether the name is that of a split, whatever its role.
  let isNamed: Bool
  /// The files in order.
  var paths: [String] = []

  private init(_ name: String, _ role: SplitRole?, _ clarity: Clarity, isNamed: Bool) {
    self.name = name
    self.role = role
    self.clarity = clarity
    self.isNamed = isNamed
  }

  /// A group whose name is that of a split.
  init(split name: String) {
    let known = SplitRole.role(of: name)
    self.init(
      name, known?.role, known?.isVariant == true ? .variant : .exact, isNamed: true)
  }

  /// A group that is known by the names of its files, without their endings.
  init(stem: String) {
    guard SplitRole.role(of: stem) == nil else {
      self.init(split: stem)
      return
    }
    let base = Self.trimmed(stem)
    let words = stem.split { !$0.isLetter }.map { $0.lowercased() }
    let roles = Set(
      [words.first, words.last].compactMap { $0 }.compactMap {
        SplitRole.role(of: $0)?.role
      })
    let isNumbered = SplitRole.role(of: base) != nil
    self.init(
      base, roles.count == 1 ? roles.first : nil, isNumbered ? .numbered : .partial,
      isNamed: isNumbered)
  }

  /// A name without the number at its end.
  private static func trimmed(_ stem: String) -> String {
    var rest = Substring(stem)
    guard rest.last?.isNumber == true else { return stem }
    while rest.last?.isNumber == true { rest.removeLast() }
    while let last = rest.last, "-_. ".contains(last) { rest.removeLast() }
    return rest.isEmpty ? stem : String(rest)
  }
}

/// Orders paths by their text, and numbers in them by value.
func isEarlier(_ a: String, _ b: String) -> Bool {
  func pieces(_ text: String) -> [(text: String, number: Int?)] {
    text.chunked { $0.isNumber == $1.isNumber }.map { ($0, Int($0)) }
  }
  for (left, right) in zip(pieces(a), pieces(b)) {
    if let left = left.number, let right = right.number, left != right { return left < right }
    if left.number == nil || right.number == nil, left.text != right.text {
      return left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
  }
  return a.utf8.lexicographicallyPrecedes(b.utf8)
}

extension String {
  /// The text in pieces, divided between neighbours for which `belongTogether` is false.
  fileprivate func chunked(_ belongTogether: (Character, Character) -> Bool) -> [String] {
    var pieces: [String] = []
    var last: Character?
    for character in self {
      if let last, !pieces.isEmpty, belongTogether(last, character) {
        pieces[pieces.count - 1].append(character)
      } else {
        pieces.append(String(character))
      }
      last = character
    }
    return pieces
  }
}
