import LowRankAdapters
import LowRankTensors
import LowRankTransformers

/// The floating point operations that a training step cannot do without.
///
/// `2·P·T` for the forward products (P: weights of linear maps and head, T: tokens), `2·P'·T` for the backward products
/// above the lowest adapter, `6·r(m + n)·T` for each pair of factors, and attention: two products forward and four
/// backward, half of each where it is causal.
struct TrainingWork {
  /// The operations.
  let flops: Double
  /// The shapes of the maps and head, `(inputs, outputs)`, distinct.
  let shapes: [(inputs: Int, outputs: Int)]

  init(_ adapter: Adapter, batch: Int, length: Int) {
    let tokens = Double(batch * length)
    let adapted = Set(adapter.sites.map(\.path))
    var flops = 0.0
    var shapes: [(inputs: Int, outputs: Int)] = []
    var below: Site?
    var hasReached = false
    adapter.base.architecture.places { site, place in
      guard case .linear(let map) = place else { return }
      if !shapes.contains(where: { $0 == (map.inputs, map.outputs) }) {
        shapes.append((map.inputs, map.outputs))
      }
      let weights = Double(map.inputs * map.outputs)
      flops += 2 * weights * tokens
      // Maps that read the same input as the lowest adapted one have nothing trainable below them either.
      if !hasReached, adapted.contains(site.path) {
        hasReached = true
        below = site
      }
      let isAbove = hasReached && !(below.map { site.sharesInput(with: $0) } ?? false)
      if isAbove { flops += 2 * weights * tokens }
    }
    for update in adapter.updates {
      for factor in (update as? LowRankUpdate)?.factors ?? [] {
        flops += 6 * Double(factor.down.shape.count + factor.up.shape.count) * tokens
      }
    }
    let attention = adapter.base.architecture.attentionWidth
    flops += 6 * tokens * Double(length) * Double(attention)
    self.flops = flops
    self.shapes = shapes
  }
}

extension Architecture {
  /// The widths of queries, summed over layers.
  fileprivate var attentionWidth: Int {
    var width = 0
    places { site, place in
      guard case .linear(let map) = place else { return }
      if site.role == .query { width += map.outputs }
      if let slice = site.slices.first(where: { $0.role == .query }) {
        width += slice.outputs.count
      }
    }
    return width
  }
}

extension Site {
  /// Whether two maps of one block read the same rows.
  fileprivate func sharesInput(with other: Site) -> Bool {
    let groups: [Set<Role>] = [[.query, .key, .value], [.gate, .up]]
    let sameBlock =
      path.split(separator: ".").dropLast() == other.path.split(separator: ".").dropLast()
    return self == other
      || (sameBlock && groups.contains { $0.contains(role) && $0.contains(other.role) })
  }
}
