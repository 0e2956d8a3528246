import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

extension Adapter {
  /// Reads an adapter folder onto a base, all or nothing: every tensor has its place, every place its tensor, every
  /// number is finite, and the base is the one it was trained on.
  ///
  /// - Parameter methods: methods beside the known ones, by `peft_type`.
  /// - Throws: `AdapterError`, and what opening the folder throws.
  public init(
    from url: URL, on base: Model, name: AdapterName = .default, methods: [any Method] = []
  ) throws {
    let folder = try AdapterFolder(at: url)
    try folder.checkBase(base)
    try folder.checkTask(base)
    var configuration = try AdapterConfiguration(peft: folder.config, methods: methods)
    let slices = folder.facts?.slices ?? [:]
    if !slices.isEmpty { try configuration.divide(among: slices, on: base) }
    var adapter = Adapter(
      name: name, configuration: configuration, base: base,
      parts: try AdapterParts(
        configuration, on: base, seed: 0, slices: slices,
        replacing: folder.replacedModules(in: base)))
    adapter.task = folder.task
    var tensors = FolderTensors(folder)
    try adapter.restore(from: &tensors)
    try tensors.finish()
    self = adapter
  }

  private mutating func restore(from tensors: inout FolderTensors) throws {
    let engine = base.engine
    func set(_ parameter: Parameter, _ numbers: [Float]) {
      values[parameter] = engine.tensor(numbers, parameter.shape, type: .float32)
    }
    for update in updates {
      let restored = try update.restored { try tensors.take($0, $1) }
      for (parameter, numbers) in restored { set(parameter, numbers) }
    }
    for (_, update) in embeddings {
      let restored = try update.restored(on: engine) { try tensors.take($0, $1) }
      for (parameter, numbers) in restored { set(parameter, numbers) }
    }
    for (path, parameter) in replacements {
      set(parameter, try tensors.take(storedName(of: path, parameter), parameter.shape))
    }
  }

  /// A base parameter's name in PEFT's file: wrapped modules hold theirs one level down.
  func storedName(of path: String, _ parameter: Parameter) -> String {
    let module = parameter.module
    let isWrapped = sites.contains { $0.path == module } || embeddings[module] != nil
    guard isWrapped, let dot = path.utf8.lastIndex(of: UInt8(ascii: ".")) else { return path }
    return module + ".base_layer" + String(path[dot...])
  }
}

/// The tensors of a folder, each of which somebody must take.
private struct FolderTensors {
  private let tensors: SafetensorsFile
  private var taken: Set<TensorName> = []
  private var file: String { tensors.url.relativePath }

  init(_ folder: AdapterFolder) { tensors = folder.file }

  /// The numbers of a tensor, checked for shape and finiteness.
  mutating func take(_ name: String, _ shape: Shape) throws -> [Float] {
    let full = AdapterFolder.prefix + name
    guard let tensor = tensors[TensorName(full)] else {
      throw AdapterError.missingTensor(file: file, name: full)
    }
    guard tensor.shape == shape else {
      throw AdapterError.misshapenTensor(
        file: file, name: full, found: "\(tensor.shape)", expected: "\(shape)")
    }
    taken.insert(tensor.name)
    let values = try tensor.floats()
    guard values.allSatisfy(\.isFinite) else {
      throw AdapterError.notFinite(file: file, name: full)
    }
    return values
  }

  func finish() throws(AdapterError) {
    let remaining = tensors.names.filter { !taken.contains($0) }.sorted()
    guard remaining.isEmpty else {
      throw .unexpectedTensors(file: file, names: remaining.map(\.text))
    }
  }
}

extension AdapterFolder {
  /// Refuses another base than the one the adapter remembers.
  fileprivate func checkBase(_ base: Model) throws {
    guard let expected = facts?.fingerprint, let found = try base.folder?.fingerprint() else {
      return
    }
    guard expected == found.description else {
      throw AdapterError.foreignBase(
        folder: url.relativePath, expected: expected, found: found.description)
    }
  }

  /// Refuses a base of another task, whose modules have other names.
  fileprivate func checkTask(_ base: Model) throws {
    let type = try config.optionalString("task_type")
    let isClassifier = base.architecture is SequenceClassifier
    guard let type, isClassifier != (type == "SEQ_CLS"),
      type == "SEQ_CLS" || type == "CAUSAL_LM"
    else { return }
    throw AdapterError.otherTask(
      folder: url.relativePath, task: type, model: base.architecture.className)
  }

  /// Modules whose own weight PEFT saved beside the factors: embeddings and heads that are targets.
  fileprivate func replacedModules(in base: Model) -> Set<String> {
    var modules: Set<String> = []
    base.architecture.places { site, place in
      if case .plain = place { return }
      let name = Self.prefix + site.path + ".base_layer.weight"
      if file[TensorName(name)] != nil { modules.insert(site.path) }
    }
    return modules
  }
}

extension AdapterConfiguration {
  /// Turns the stored rank of sliced modules into the rank of one slice.
  fileprivate mutating func divide(among slices: [String: [Site.Slice]], on base: Model) throws {
    for (path, parts) in slices.sorted(by: { $0.key < $1.key }) {
      let (rank, scale) = (ranks.rank(of: path), ranks.scale(of: path))
      guard rank.isMultiple(of: parts.count) else {
        throw AdapterError.invalid(
          key: "the rank of \(path)", value: "\(rank)",
          expected: "a multiple of \(parts.count) slices")
      }
      let own = rank / parts.count
      let divisor = ranks.isRankStabilized ? Double(own).squareRoot() : Double(own)
      ranks.rankPattern.insert(try .init(path, own), at: 0)
      ranks.alphaPattern.insert(try .init(path, Double(scale) * divisor), at: 0)
    }
  }
}
