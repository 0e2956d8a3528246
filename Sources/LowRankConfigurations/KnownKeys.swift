/// The keys of a trainer's configurations, and what becomes of each.
struct KnownKeys {
  /// The trainer's name as its users write it.
  let tool: String
  /// Its keys; one that ends in a star stands for all that begin so.
  let keys: [String: KeyRule]

  /// What becomes of a key; nil where it is not known.
  func rule(of key: String) -> KeyRule? {
    if let rule = keys[key] { return rule }
    let families = keys.filter { $0.key.hasSuffix("*") && key.hasPrefix($0.key.dropLast()) }
    return families.max { $0.key.count < $1.key.count }?.value
  }

  /// Whether a key is a mapping, whose keys are known one by one.
  func isGroup(_ key: String) -> Bool { keys.keys.contains { $0.hasPrefix(key + ".") } }
}
