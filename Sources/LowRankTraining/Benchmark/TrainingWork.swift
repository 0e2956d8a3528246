import LowRankAdapters
import LowRankTensors
import LowRankTransformers

/// The floating point operations that a training step cannot do without.
///
/// `2·P·T` for the forward products (P: weights of linear maps and head, T: tokens), `2·P'·T` for the backward products
/// above the lowest adapter, `6·r(m + n)·T` for each pair of factors, and attention: two products forward and four
/// backward, half of each where it is causal. Where a classifier reads the first row of a sequence, no other row asks in
/// the last attention or goes on behind it, and only those rows count there.
struct TrainingWork {
  /// The operations.
  let flops: Double
  /// The shapes of the maps and head, `(inputs, outputs)`, distinct.
  let shapes: [(inputs: Int, outputs: Int)]

  init(_ adapter: Adapter, batch: Int, length: Int) {
    let architecture = adapter.base.architecture
    let last = architecture.lastRowsOnly
    func rows(_ site: Site) -> Double {
      Double(last?.contains(site.path) ?? false ? batch : batch * length)
    }
    let adapted = Set(adapter.sites.map(\.path))
    var flops = 0.0
    var shapes: [(inputs: Int, outputs: Int)] = []
    var below: Site?
    var hasReached = false
    architecture.places { site, place in
      guard case .linear(let map) = place else { return }
      if !shapes.contains(where: { $0 == (map.inputs, map.outputs) }) {
        shapes.append((map.inputs, map.outputs))
      }
      let weights = Double(map.inputs * map.outputs)
      flops += 2 * weights * rows(site)
      // Maps that read the same input as the lowest adapted one have nothing trainable below them either.
      if !hasReached, adapted.contains(site.path) {
        hasReached = true
        below = site
      }
      let isAbove = hasReached && !(below.map { site.sharesInput(with: $0) } ?? false)
      if isAbove { flops += 2 * weights * rows(site) }
    }
    for (site, update) in zip(adapter.sites, adapter.updates) {
      for factor in update.parameters where factor.shape.rank == 2 {
        flops += 6 * Double(factor.shape.count) * rows(site.site)
      }
    }
    let share = architecture is CausalModel ? 0.5 : 1
    architecture.places { site, place in
      flops += 12 * share * rows(site) * Double(length) * Double(place.queryWidth(at: site))
    }
    self.flops = flops
    self.shapes = shapes
  }
}

extension ModuleSlot {
  /// How many columns of queries the map makes.
  fileprivate func queryWidth(at site: Site) -> Int {
    guard case .linear(let map) = self else { return 0 }
    if site.role == .query { return map.outputs }
    return site.slices.first { $0.role == .query }?.outputs.count ?? 0
  }
}

extension Architecture {
  /// The maps that are given only the rows that stand for sequences; nil where there are none such.
  fileprivate var lastRowsOnly: Set<String>? {
    guard let classifier = self as? SequenceClassifier else { return nil }
    var paths: [String] = []
    if classifier.head.pooling == .first, backbone.asksFewInLastBlock {
      backbone.places { site, _ in
        if site.role == .query { paths = [] }
        if [.query, .attentionOutput, .up, .down].contains(site.role) { paths.append(site.path) }
      }
    }
    classifier.head.places { site, _ in paths.append(site.path) }
    return Set(paths)
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
