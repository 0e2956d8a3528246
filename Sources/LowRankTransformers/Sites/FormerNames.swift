/// The names that transformers gave to the modules of ViT and DeiT before version 5.
///
/// Checkpoints still have them, whatever version wrote them. Modules, and PEFT's files about them, go by the new ones.
package enum FormerNames {
  private static let pairs = [
    ("attention.q_proj", "attention.attention.query"),
    ("attention.k_proj", "attention.attention.key"),
    ("attention.v_proj", "attention.attention.value"),
    ("attention.o_proj", "attention.output.dense"), ("mlp.fc1", "intermediate.dense"),
    ("mlp.fc2", "output.dense"), ("layernorm_before", "layernorm_before"),
    ("layernorm_after", "layernorm_after"),
  ]
  private static let layers = ["vit", "deit"].map {
    (now: "\($0).layers.", former: "\($0).encoder.layer.")
  }

  /// The former name of a module or of a tensor in it; nil where it is still called so.
  package static func former(of name: String) -> String? {
    for (now, former) in layers where name.hasPrefix(now) {
      return renamed(name.dropFirst(now.count), behind: former, pairs)
    }
    return nil
  }

  /// The name today of a module, or of a tensor in it, by its former one; nil for other names.
  package static func current(of name: String) -> String? {
    for (now, former) in layers where name.hasPrefix(former) {
      return renamed(name.dropFirst(former.count), behind: now, pairs.map { ($1, $0) })
    }
    return nil
  }

  /// Renames what stands behind a layer's number, where it is a known module.
  private static func renamed(
    _ rest: Substring, behind start: String, _ pairs: [(String, String)]
  ) -> String? {
    let number = rest.prefix { $0 != "." }
    let module = rest.dropFirst(number.count + 1)
    guard Int(number) != nil,
      let (old, new) = pairs.first(where: { module == $0.0 || module.hasPrefix($0.0 + ".") })
    else { return nil }
    return "\(start)\(number).\(new)\(module.dropFirst(old.count))"
  }
}
