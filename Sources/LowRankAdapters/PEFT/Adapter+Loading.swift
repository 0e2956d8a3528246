import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

extension Adapter {
  /// Reads an adapter onto a base, all or nothing: whatever a ``LoadCheck`` finds is an error, unless it is allowed.
  ///
  /// ``loading`` tells what was placed, and what was wrong and allowed. An adapter of which no module would be left is
  /// refused whatever is allowed: it would do nothing.
  ///
  /// - Parameters:
  ///   - methods: methods beside the known ones, by `peft_type`.
  ///   - allowed: checks that do not refuse the adapter; each says what happens then.
  ///   - isContinued: whether the adapter is trained further, from its method's own factors where the folder holds a LoRA that
  ///     equals them.
  /// - Throws: `LoadProblem` where a check refuses the adapter, `AdapterError` where it asks for something that is not
  ///   built or is for another task, and what opening the folder throws.
  public init(
    from url: URL, on base: Model, name: AdapterName = .default, methods: [any Method] = [],
    allowing allowed: Set<LoadCheck> = [], toContinue isContinued: Bool = false
  ) throws {
    var folder = try AdapterFolder(at: url, model: base.folder?.url)
    if isContinued, let native = try NativeFactors.folder(in: folder) { folder = native }
    let base = try folder.fitting(base)
    var checks = LoadChecks(allowed)
    let match = try folder.match(on: base)
    try checks.report(match.problem.map { [$0] } ?? [])
    try folder.checkTask(base)
    var configuration = try AdapterConfiguration(
      peft: folder.config, methods: methods, modelType: base.config["model_type"]?.string)
    try configuration.tie(in: base.architecture)
    let source = folder.config.source
    try checks.report(configuration.removeMissingTargets(in: base.architecture, file: source))
    try checks.report(configuration.correctRanks(by: folder, on: base))
    let slices = folder.facts?.slices ?? [:]
    // A LoRA of slices is one pair of factors in the file.
    if !slices.isEmpty, configuration.method.adaptsSlices {
      try configuration.divide(among: slices, on: base)
    }

    func make(leavingOut modules: Set<String>) throws -> Adapter {
      Adapter(
        name: name, configuration: configuration, base: base,
        parts: try AdapterParts(
          configuration, on: base, seed: 0, slices: slices,
          replacing: { try folder.replaces($0, $1, of: base) }, leavingOut: modules))
    }
    var adapter = try make(leavingOut: [])
    let declared = adapter.adaptedModules
    let mustBeFinite = !allowed.contains(.finite)
    var restoration = try adapter.restore(from: folder, mustBeFinite: mustBeFinite)
    var leftOut: Set<String> = []
    // Of factors that modules share, some may only be amiss once others are left out.
    while let first = restoration.problems.first, !restoration.failed.isEmpty {
      try checks.report(restoration.problems)
      leftOut.formUnion(restoration.failed)
      guard !leftOut.isSuperset(of: declared) else { throw first.leavingNothing }
      adapter = try make(leavingOut: leftOut)
      restoration = try adapter.restore(from: folder, mustBeFinite: mustBeFinite)
    }
    let extra = restoration.tensors.remaining(leavingOut: leftOut)
    try checks.report(restoration.problems + (extra.map { [$0] } ?? []))
    if !leftOut.isEmpty { try adapter.nameItsModules() }
    adapter.task = folder.task
    adapter.nestedFrom = folder.facts?.nestedFrom
    adapter.chatTemplate = try folder.chatTemplate
    adapter.loading = LoadReport(
      modules: declared.count { !leftOut.contains($0) }, declaredModules: declared.count,
      tensors: restoration.tensors.taken.count,
      base: folder.knownBase(match), baseName: folder.baseName, overridden: checks.overridden,
      notes: (match.note.map { [$0] } ?? [])
        + adapter.notes(on: folder, restoration.tensors, lacksBiases: restoration.lacksBiases),
      warnings: match.warning.map { [$0] } ?? [])
    self = adapter
  }

  /// The modules with low-rank updates.
  private var adaptedModules: [String] { sites.map(\.path) + embeddings.keys.sorted() }

  /// What reading the tensors came to: those that were taken, and what is wrong with modules that did not get theirs.
  fileprivate struct Restoration {
    var tensors: FolderTensors
    var problems: [LoadProblem] = []
    var failed: Set<String> = []
    var lacksBiases = false
  }

  private mutating func restore(
    from folder: AdapterFolder, mustBeFinite: Bool
  ) throws -> Restoration {
    let engine = base.engine
    var result = Restoration(tensors: FolderTensors(folder, on: base, mustBeFinite: mustBeFinite))
    func restore(
      _ module: String, _ read: ((String, Shape) throws -> [Float]) throws -> [(Parameter, [Float])]
    ) throws {
      do {
        for (parameter, numbers) in try read({ try result.tensors.take($0, $1, of: module) }) {
          values[parameter] = engine.tensor(numbers, parameter.shape, type: .float32)
        }
      } catch let problem as LoadProblem {
        result.problems.append(problem)
        result.failed.insert(module)
      }
    }
    /// Loads a tensor that does not depend on others; if that fails, the parameter keeps the base's value.
    func restore(alone parameter: Parameter, _ name: String, in module: String) throws {
      do {
        let numbers = try result.tensors.take(name, parameter.shape, of: module)
        values[parameter] = engine.tensor(numbers, parameter.shape, type: .float32)
      } catch let problem as LoadProblem {
        result.problems.append(problem)
        result.tensors.passOver(name)
      }
    }
    for (site, update) in zip(sites, updates) {
      try restore(site.path) { try update.restored($0).map { ($0.parameter, $0.values) } }
      for name in update.copies { result.tensors.passOver(name) }
    }
    for (path, update) in embeddings.sorted(by: { $0.key < $1.key }) {
      try restore(path) { try update.restored(on: engine, $0).map { ($0.parameter, $0.values) } }
    }
    let biases = try trainedBiases
    result.lacksBiases =
      configuration.bias == .loraOnly && !biases.isEmpty
      && !biases.contains { result.tensors.has(storedName(of: $0)) }
    var shared: Set<Parameter> = []
    for (path, parameter) in replacements.sorted(by: { $0.key < $1.key }) {
      let name = storedName(of: path)
      if biases.contains(path) {
        guard !result.lacksBiases else { continue }
        try restore(alone: parameter, name, in: parameter.module)
      } else if untrained.contains(path) {
        // The file may hold a shared weight only once.
        guard result.tensors.has(name) else { continue }
        guard shared.insert(parameter).inserted else {
          try result.compare(name, with: engine.floats(values[parameter]), parameter)
          continue
        }
        try restore(alone: parameter, name, in: parameter.module)
      } else {
        try restore(parameter.module) { [(parameter, try $0(name, parameter.shape))] }
      }
    }
    for rows in Set(ownRows.values.map(\.rows)).sorted(by: { $0.path < $1.path }) {
      try restore(alone: rows, rows.path, in: rows.module)
    }
    for (path, own) in ownRows.sorted(by: { $0.key < $1.key }) {
      // PEFT may store the rows of a tied head once more.
      let name = String(path.dropLast(".weight".count)) + TokenPlace.suffix
      guard name != own.rows.path, result.tensors.has(name) else { continue }
      try result.compare(name, with: engine.floats(values[own.rows]), own.rows)
    }
    for use in base.architecture.uses where replacements[use.path] == nil {
      // A tensor that replaces nothing equals the base's.
      result.tensors.passOver(storedName(of: use.path))
    }
    result.problems += result.tensors.problems
    return result
  }

  /// The paths of the trained biases, without those of modules that are trained whole.
  private var trainedBiases: Set<String> {
    get throws {
      let saved = try SavedModules(configuration.modulesToSave, in: base.architecture)
      return Set(
        replacements.filter { path, parameter in
          parameter.role == .bias && !untrained.contains(path) && !saved.contains(parameter.module)
        }.keys)
    }
  }

  /// Has the configuration name just the modules that are there, so that what is saved declares no others.
  private mutating func nameItsModules() throws {
    configuration.target = Target(.named(adaptedModules))
    let saved = try SavedModules(configuration.modulesToSave, in: base.architecture)
    configuration.modulesToSave = Set(replacements.values.map(\.module))
      .filter(saved.contains).sorted()
  }

  /// The name of a base parameter in PEFT's file, by its path of use.
  func storedName(of path: String) -> String {
    let module = String(path[..<(path.utf8.lastIndex(of: UInt8(ascii: ".")) ?? path.endIndex)])
    let isWrapped = sites.contains { $0.path == module } || embeddings[module] != nil
    return AdapterParts.storedName(
      of: path, in: module, isWrapped: isWrapped, hasRows: ownRows[path] != nil)
  }
}

extension Adapter.Restoration {
  /// Checks that two tensors of one shared parameter, stored under the names of two uses, are equal.
  fileprivate mutating func compare(
    _ name: String, with values: [Float], _ parameter: Parameter
  ) throws {
    do {
      guard try tensors.take(name, parameter.shape, of: parameter.module) != values else { return }
      problems.append(
        LoadProblem(
          .tensors, tensors.file,
          "\(AdapterFolder.prefix)\(name) and \(AdapterFolder.prefix)\(parameter.path) differ, but are one weight of the "
            + "base, whose head is tied to the embeddings"))
    } catch let problem as LoadProblem {
      problems.append(problem)
      tensors.passOver(name)
    }
  }
}

extension LoadProblem {
  /// The problem where nothing would be left of an adapter, which is never allowed.
  fileprivate var leavingNothing: LoadProblem {
    LoadProblem(check, file, sentence + ", and no module would be left to adapt")
  }
}

extension AdapterConfiguration {
  /// Turns the stored rank of sliced modules into the rank of one slice.
  fileprivate mutating func divide(among slices: [String: [Site.Slice]], on base: Model) throws {
    var outputs: [String: Int] = [:]
    base.architecture.places { site, place in
      if case .linear(let map) = place { outputs[site.path] = map.outputs }
    }
    for (path, parts) in slices.sorted(by: { $0.key < $1.key }) {
      let count = outputs[path] ?? 0
      if let stray = parts.first(where: { $0.outputs.upperBound > count }) {
        throw AdapterError.invalid(
          key: "a slice of \(path)", value: "\(stray.outputs)",
          expected: "a part of its \(count) outputs")
      }
      let (rank, alpha) = (ranks.rank(of: path), ranks.alpha(of: path))
      guard rank.isMultiple(of: parts.count) else {
        throw AdapterError.invalid(
          key: "the rank of \(path)", value: "\(rank)",
          expected: "a multiple of \(parts.count) slices")
      }
      let own = rank / parts.count
      let share = Double(own) / Double(rank)
      ranks.rankPattern.insert(try .init(path, own), at: 0)
      ranks.alphaPattern.insert(
        try .init(path, alpha * (ranks.isRankStabilized ? share.squareRoot() : share)), at: 0)
    }
  }
}
