import LowRankTensors
import LowRankTransformers

/// A frozen map and the updates trained on top of it, by adapter name.
///
/// One type for every storage of the base and every method: both sides are protocols.
public struct Adapted: LinearMap {
  /// The frozen map.
  public let base: any LinearMap
  /// The updates.
  public var updates: [AdapterName: any Update]

  /// A map with updates.
  public init(base: any LinearMap, updates: [AdapterName: any Update]) {
    self.base = base
    self.updates = updates
  }

  public var path: String { base.path }
  public var inputs: Int { base.inputs }
  public var outputs: Int { base.outputs }
  public var parameters: [Parameter] { base.parameters }
  public var weight: Parameter { base.weight }
  public var bias: Parameter? { base.bias }
  public var storesInputsFirst: Bool { base.storesInputsFirst }

  public func apply(_ x: Tensor, adding terms: [LowRankTerm], _ pass: Pass) -> Tensor {
    let selected = selection(in: pass)
    if terms.isEmpty, selected.count == 1, selected[0].rows == nil, selected[0].scale == 1 {
      let update = selected[0].update
      guard pass.compute.omitsProducts else { return update.apply(x, to: base, pass) }
      // Only sums of terms are known not to need their value in their derivative.
      if let own = update.terms(for: x, pass) { return base.apply(x, adding: own, pass) }
      return update.apply(x, to: base, pass.makingProducts)
    }
    var terms = terms
    var others: [(update: any Update, rows: Range<Int>?)] = []
    for (update, rows, scale) in selected {
      guard let own = update.terms(for: x, pass) else {
        precondition(scale == 1, "\(path): only sums of low-rank terms are scaled")
        others.append((update, rows))
        continue
      }
      terms += own.map { $0.limited(to: rows, scaledBy: scale) }
    }
    var y = base.apply(x, adding: terms, pass)
    for (update, rows) in others { replaceRows(rows, of: &y, by: update, on: x, pass) }
    return y
  }

  /// Writes what an update without low-rank terms makes of some rows over what the base made of them.
  private func replaceRows(
    _ rows: Range<Int>?, of y: inout Tensor, by update: any Update, on x: Tensor, _ pass: Pass
  ) {
    precondition(pass.compute.tape == nil, "only low-rank sums are trained in mixed batches")
    let rows = rows ?? 0..<x.shape.rows
    let part = update.apply(x.viewed(rows: rows), to: base, pass)
    let engine = pass.compute.engine
    engine.write(part, over: &y, at: engine.tensor(rows.map(Int32.init), [rows.count]))
  }

  public func effectiveWeight(_ pass: Pass) -> LinearWeight {
    let selected = selection(in: pass)
    guard !selected.isEmpty else { return base.effectiveWeight(pass) }
    return LinearWeight(
      selected.reduce(base.oriented(pass)) { weight, part in
        precondition(
          part.rows == nil && part.scale == 1,
          "\(path) has no one weight for a batch of mixed adapters")
        return part.update.adaptedWeight(weight, pass)
      })
  }

  public func dense(rows: Range<Int>, _ store: ParameterStore, _ engine: any Engine) -> Tensor {
    base.dense(rows: rows, store, engine)
  }

  public func replaceWeight(
    with weight: Tensor, in store: inout ParameterStore, _ engine: any Engine
  ) { base.replaceWeight(with: weight, in: &store, engine) }

  private func selection(
    in pass: Pass
  ) -> [(update: any Update, rows: Range<Int>?, scale: Float)] {
    pass.adapters.parts.compactMap { part in
      updates[part.name].map { ($0, part.rows, part.scale) }
    }
  }
}

extension LowRankTerm {
  fileprivate func limited(to rows: Range<Int>?, scaledBy scale: Float) -> LowRankTerm {
    var term = self
    term.rows = rows ?? term.rows
    term.scale *= scale
    return term
  }
}
