import LowRankTensors
import LowRankTransformers

/// One update for each adapted slice of a fused map, for methods whose updates are low-rank sums of whole maps.
struct SlicedUpdate: Update {
  /// The updates and the outputs of the map that each adds to.
  let slices: [(update: any Update, outputs: Range<Int>)]

  /// The updates.
  var updates: [any Update] { slices.map(\.update) }
  var parameters: [Parameter] { updates.flatMap(\.parameters) }
  var frozen: [Parameter] { updates.flatMap(\.frozen) }
  var pairs: [FactorPair] { updates.flatMap(\.pairs) }

  func terms(_ pass: Pass) -> [LowRankTerm]? { placed { $0.terms(pass) } }

  func terms(for x: Tensor, _ pass: Pass) -> [LowRankTerm]? { placed { $0.terms(for: x, pass) } }

  /// The terms of all slices, each on its own outputs.
  private func placed(_ terms: (any Update) -> [LowRankTerm]?) -> [LowRankTerm]? {
    slices.flatMap { update, outputs -> [LowRankTerm] in
      guard let own = terms(update) else {
        preconditionFailure("\(type(of: update)) is no sum of low-rank terms")
      }
      return own.map { term in
        var term = term
        term.columns = outputs
        return term
      }
    }
  }

  func stored(_ values: ParameterStore, _ engine: any Engine) -> [FactorTensor] {
    updates.flatMap { $0.stored(values, engine) }
  }

  func restored(_ read: (_ name: String, _ shape: Shape) throws -> [Float]) throws
    -> [(parameter: Parameter, values: [Float])]
  {
    try updates.flatMap { try $0.restored(read) }
  }
}

/// Some outputs of a map as a map of its own, for the shapes and the weight that methods ask for.
private struct OutputSlice: LinearMap {
  let base: any LinearMap
  let path: String
  let range: Range<Int>

  var inputs: Int { base.inputs }
  var outputs: Int { range.count }
  var parameters: [Parameter] { base.parameters }
  var weight: Parameter { base.weight }
  var bias: Parameter? { nil }
  var storesInputsFirst: Bool { base.storesInputsFirst }

  func apply(_ x: Tensor, adding terms: [LowRankTerm], _ pass: Pass) -> Tensor {
    preconditionFailure("a slice of \(base.path) is applied with the whole map")
  }

  func effectiveWeight(_ pass: Pass) -> LinearWeight {
    preconditionFailure("a slice of \(base.path) is applied with the whole map")
  }

  func dense(rows: Range<Int>, _ store: ParameterStore, _ engine: any Engine) -> Tensor {
    let first = range.lowerBound
    return base.dense(
      rows: first + rows.lowerBound..<first + rows.upperBound, store, engine)
  }

  func replaceWeight(
    with weight: Tensor, in store: inout ParameterStore, _ engine: any Engine
  ) { preconditionFailure("a slice of \(base.path) is merged with the whole map") }
}

extension Method {
  /// One update for each site; of a fused map whose slices are adapted, one that holds an update for each slice.
  ///
  /// - Throws: what making the updates throws.
  func slicedUpdates(for sites: [AdaptedSite], _ factory: inout ParameterFactory) throws
    -> [any Update]
  {
    guard !adaptsSlices, sites.contains(where: { $0.slices != nil }) else {
      return try updates(for: sites, &factory)
    }
    let parts = sites.map { site -> [AdaptedSite] in
      guard let slices = site.slices else { return [site] }
      return slices.map { slice in
        let path = "\(site.path).\(slice.role.rawValue)"
        return AdaptedSite(
          site: Site(path, slice.role),
          map: OutputSlice(base: site.map, path: path, range: slice.outputs), rank: site.rank,
          scale: site.scale, slices: nil)
      }
    }
    var made = try updates(for: parts.flatMap { $0 }, &factory)[...]
    return zip(sites, parts).map { site, parts in
      let own = Array(made.prefix(parts.count))
      made = made.dropFirst(parts.count)
      guard let slices = site.slices else { return own[0] }
      return SlicedUpdate(slices: zip(own, slices).map { ($0, $1.outputs) })
    }
  }
}
