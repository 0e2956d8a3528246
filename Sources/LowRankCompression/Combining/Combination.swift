import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors

/// Makes one adapter of several for the same base, without that base.
///
/// A module that only some adapters have is made of those. What was trained whole is kept where all adapters hold the same
/// bytes.
public struct Combination: Sendable {
  /// The adapters with their weights.
  public let adapters: [WeightedAdapter]
  /// The modules of all adapters, by path.
  public let modules: [ModuleTerms]
  /// The adapters' different bases, which were allowed; nil where they record one base, or none.
  public let otherBases: CombinationError?

  /// Pairs the modules of adapters; no factor is read.
  ///
  /// - Parameter allowed: checks that do not refuse the adapters: `fingerprint` lets adapters of different bases pass.
  /// - Throws: `CombinationError` where they do not fit together, `FileError`.
  public init(_ adapters: [WeightedAdapter], allowing allowed: Set<LoadCheck> = []) throws {
    otherBases = try Self.check(adapters, allowing: allowed)
    var (modules, places): ([ModuleTerms], [TensorName: Int]) = ([], [:])
    for (number, entry) in adapters.enumerated() {
      for module in entry.adapter.modules {
        let term = ModuleTerms.Term(module: module, weight: entry.weight, adapter: number)
        guard let place = places[TensorName(module.path)] else {
          places[TensorName(module.path)] = modules.count
          modules.append(ModuleTerms(path: module.path, kind: module.kind, terms: [term]))
          continue
        }
        let first = modules[place].terms[0].module
        guard first.kind == module.kind, first.inputs == module.inputs,
          first.outputs == module.outputs
        else {
          throw CombinationError.shapes(
            path: module.path, first: first.shapeText, second: module.shapeText)
        }
        modules[place].terms.append(term)
      }
    }
    self.adapters = adapters
    self.modules = modules.sorted { modulePath($0.path, precedes: $1.path) }
  }

  /// The combined adapter.
  ///
  /// - Throws: `CombinationError.nothingLeft` where no module has an update, and what the mode throws.
  public func draft(by mode: any CombinationMode) throws -> EditableAdapter {
    guard adapters.count > 1 || mode.takesOne else {
      throw CombinationError.single(mode: mode.name)
    }
    let modules = modules
    let combined = try concurrentMap(modules.count, "combining modules") { index in
      try mode.combine(modules[index]).flatMap {
        try Self.isNothing($0, beside: modules[index]) ? nil : $0
      }
    }.compactMap { $0 }
    guard !combined.isEmpty else { throw CombinationError.nothingLeft(modules: modules.count) }
    // Of several, one that knows its base, so that the result knows it too.
    let template = adapters.first { $0.adapter.baseFingerprint != nil } ?? adapters[0]
    var draft = EditableAdapter(template.adapter, replacing: combined)
    draft.others += baseCopies(besides: draft)
    if otherBases != nil { draft.forgetBase() }
    if adapters.count > 1 { draft.forgetSlices() }
    return draft
  }

  /// The copies of base weights that other adapters than the one that a draft is made of hold, each once.
  private func baseCopies(besides draft: EditableAdapter) -> [StoredTensor] {
    var names = Set(draft.others.map(\.name))
    return adapters.flatMap(\.adapter.others).filter {
      $0.isBaseCopy && names.insert($0.name).inserted
    }
  }

  /// How far a draft is from the weighted sum of the updates, in double precision from thin factors.
  ///
  /// - Throws: `AdapterError.notFinite`, and what reading the factors throws.
  public func report(on draft: EditableAdapter) throws -> CombinationReport {
    var results: [TensorName: EditableAdapter.Module] = [:]
    for module in draft.modules { results[TensorName(module.path)] = module }
    let (modules, found) = (modules, results)
    return CombinationReport(
      modules: try concurrentMap(modules.count, "measuring the sum") { index in
        let (terms, result) = (modules[index], found[TensorName(modules[index].path)])
        var factors = try terms.factors()
        let norm = try factors.norm()
        if let result {
          factors.append(try result.up.matrix(), try result.down.matrix(), times: -result.scale)
        }
        return CombinationReport.Module(
          path: terms.path, rank: result?.rank ?? 0,
          parameters: result.map { $0.up.shape.count + $0.down.shape.count } ?? 0,
          distance: try factors.norm(), norm: norm)
      })
  }

  /// Whether the update of a module is zero but for rounding, as when `w` and `−w` cancel.
  private static func isNothing(
    _ module: EditableAdapter.Module, beside terms: ModuleTerms
  ) throws -> Bool {
    guard terms.terms.count > 1 || terms.terms[0].weight == 0 else { return false }
    let size = try terms.terms.reduce(0) { sum, term in
      var factors = StackedFactors()
      factors.append(
        try term.module.upMatrix(), try term.module.downMatrix(), times: term.multiplier)
      return try sum + factors.norm()
    }
    var result = StackedFactors()
    result.append(try module.up.matrix(), try module.down.matrix(), times: module.scale)
    return try result.norm() <= 1e-12 * size
  }
}

extension StoredModule {
  fileprivate var shapeText: String {
    "\(kind == .linear ? "a map" : "an embedding") of \(inputs) to \(outputs)"
  }
}
