import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankProgress
import LowRankTensors
import LowRankTransformers

/// Two models of one architecture, read from their folders tensor by tensor.
///
/// Both are read as the class of the tuned one. What only one of them has is never ignored: ``added`` names it, or it
/// is an error.
struct ModelPair: Sendable {
  /// A linear map of the architecture.
  struct Map: Sendable {
    let path: String
    let isTransposed: Bool
  }

  /// A module with the names of its parameters.
  private struct Module: Sendable {
    let path: String
    let parameters: [String]
    let isLinear: Bool
  }

  private let base: ModelFolder
  private let tuned: ModelFolder
  private let prefix: String
  private let modules: [Module]
  /// The names of the tied head and embeddings, if both models tie them.
  private let tying: HeadTying?
  /// The linear maps that both models have, with weights of their own.
  let linearMaps: [Map]
  /// The classes of the tuned model; nil if it is not a classifier.
  let classification: Classification?
  /// Whether both are language models.
  let isCausal: Bool
  /// The class of models of images, as PEFT keeps it; nil for texts.
  let autoMapping: JSONValue?
  /// The parameters of a classifier's head, which is saved whole, and of a head that the base does not have.
  let headParameters: [String]
  /// The modules of these parameters, by PEFT's names.
  let headModules: [String]
  /// The parameters that only the tuned model has.
  let added: [String]

  /// - Throws: `ExtractionError` if the models do not have the same architecture, and what reading the configurations
  ///   throws.
  init(_ base: ModelFolder, _ tuned: ModelFolder) throws {
    (self.base, self.tuned) = (base, tuned)
    let prefix = try Architectures.prefix(tuned.config)
    self.prefix = prefix
    let configs = (base: try base.untyingConfig, tuned: try tuned.untyingConfig)
    let ties = (base: try HeadTying(configs.base), tuned: try HeadTying(configs.tuned))
    let isTied = ties.base != nil && ties.tuned != nil
    tying = isTied ? ties.tuned : nil
    let architecture = try Architectures.described(
      by: isTied ? configs.tuned : configs.tuned.replacing(["tie_word_embeddings": false]))
    isCausal = architecture is CausalModel
    autoMapping = architecture.peftAutoMapping(tuned.config)
    classification =
      architecture is SequenceClassifier ? try Classification(tuned.config) : nil

    var modules: [Module] = []
    var transposed: Set<ExactText> = []
    architecture.places { site, place in
      guard case .linear(let map) = place else {
        return modules.append(
          Module(path: site.path, parameters: place.parameters.map(\.path), isLinear: false))
      }
      guard map.weight.path == site.path + ".weight" else { return }
      if map.storesInputsFirst { transposed.insert(ExactText(site.path)) }
      modules.append(
        Module(path: site.path, parameters: map.parameters.map(\.path), isLinear: true))
    }
    self.modules = modules
    added = try Self.added(modules.flatMap(\.parameters), base, tuned, prefix)

    // As in PEFT, the head of a classifier is saved whole, and so is a head that the base does not have.
    let saved = (architecture as? SequenceClassifier)?.head.savedModules ?? []
    let news = Set(added.map { ExactText($0) })
    let heads = modules.filter { module in
      module.parameters.contains { news.contains(ExactText($0)) }
        || saved.contains {
          ModelHead.classifierModule(of: module.path + ".", prefix: prefix) == $0
        }
    }
    headParameters = heads.flatMap(\.parameters)
    headModules =
      saved
      + heads.map(\.path).filter { path in
        !saved.contains { ModelHead.classifierModule(of: path + ".", prefix: prefix) == $0 }
      }
    // A tied head of the base has no weight of its own, so no low-rank update can represent a difference.
    let ownHead = ties.base != nil && ties.tuned == nil ? ["lm_head"] : []
    let others = Set((heads.map(\.path) + ownHead).map { ExactText($0) })
    linearMaps = modules.filter { $0.isLinear && !others.contains(ExactText($0.path)) }.map {
      Map(path: $0.path, isTransposed: transposed.contains(ExactText($0.path)))
    }
  }

  /// The parameters that only the tuned model has: those of a classifier's head.
  private static func added(
    _ names: [String], _ base: ModelFolder, _ tuned: ModelFolder, _ prefix: String
  ) throws -> [String] {
    var used: (base: Set<TensorName>, tuned: Set<TensorName>) = ([], [])
    var added: [String] = []
    for name in names {
      guard let after = tuned.tensor(of: name, prefix: prefix) else {
        throw ExtractionError.missing(
          name: name, folder: tuned.url.relativePath, other: base.url.relativePath)
      }
      used.tuned.insert(after.name)
      let before = base.tensor(of: name, prefix: prefix)
      if let before { used.base.insert(before.name) }
      if let before, before.shape == after.shape { continue }
      let isHead = ModelHead.classifierModule(of: name, prefix: prefix) != nil
      if isHead, before == nil || ModelHead.isMapToClasses(name) {
        added.append(name)
        continue
      }
      guard let before else {
        throw ExtractionError.missing(
          name: name, folder: base.url.relativePath, other: tuned.url.relativePath)
      }
      throw ExtractionError.otherShape(
        name: name, base: "\(before.shape)", tuned: "\(after.shape)")
    }
    for (folder, used, other) in [(base, used.base, tuned), (tuned, used.tuned, base)] {
      let stray = folder.names.first { name in
        !used.contains(name) && !ModelFolder.isBuffer(name)
          && ModelHead.module(of: name.text, prefix: prefix) == nil
      }
      if let stray {
        throw ExtractionError.missing(
          name: stray.text, folder: other.url.relativePath, other: folder.url.relativePath)
      }
    }
    return added
  }

  /// `W_tuned − W_base`, `[outputs, inputs]`, in double precision; nil where they are equal.
  ///
  /// - Throws: `ExtractionError`, `AdapterError.notFinite`, and what reading the files throws.
  func difference(of map: Map) throws -> HostMatrix<Double>? {
    guard let (numbers, shape) = try difference(of: map.path + ".weight") else { return nil }
    let matrix = HostMatrix(numbers, rows: shape[0], columns: shape[1])
    return map.isTransposed ? matrix.transposed : matrix
  }

  /// The parameters that differ, except `extracted` ones and those of the head.
  func remainders(beside extracted: Set<ExactText>) throws -> [Extraction.Remainder] {
    let others = extracted.union(headParameters.map { ExactText($0) })
    let names = modules.flatMap(\.parameters).filter { !others.contains(ExactText($0)) }
    return try concurrentMap(names.count, "comparing other tensors", .tensors) {
      index -> Extraction.Remainder? in
      guard let (numbers, _) = try difference(of: names[index]) else { return nil }
      return Extraction.Remainder(
        name: names[index], norm: numbers.reduce(0) { $0 + $1 * $1 }.squareRoot())
    }.compactMap { $0 }
  }

  /// The tuned model's tensors of modules with a difference that factors cannot represent, under its class's names.
  ///
  /// A tied head is included with the embeddings.
  /// - Parameter maps: the linear maps with weights that factors represent, or that were not requested.
  func wholeModules(
    _ differing: Set<ExactText>, besideWeightsOf maps: Set<ExactText>
  ) throws -> [(path: String, tensors: [(name: String, tensor: StoredTensor)])] {
    let changed = modules.filter { module in
      module.parameters.contains { name in
        differing.contains(ExactText(name))
          && !(maps.contains(ExactText(module.path)) && name.hasSuffix(".weight"))
      }
    }
    return try changed.flatMap { module in
      let tensors = try tensors(module.parameters)
      let whole = [(path: module.path, tensors: tensors)]
      guard let tying, let table = tensors.first, table.name == tying.table else { return whole }
      let head = String(tying.head.dropLast(".weight".count))
      return whole + [(path: head, tensors: [(name: tying.head, tensor: table.tensor)])]
    }
  }

  /// The tuned model's tensors for the parameters.
  func tensors(_ names: [String]) throws -> [(name: String, tensor: StoredTensor)] {
    try names.map { (name: $0, tensor: try tensor($0, in: tuned, beside: base)) }
  }

  private func difference(of name: String) throws -> ([Double], Shape)? {
    let first = try tensor(name, in: base, beside: tuned)
    let second = try tensor(name, in: tuned, beside: base)
    let (before, after) = (
      try StoredModule.numbers(of: first), try StoredModule.numbers(of: second)
    )
    guard before != after else { return nil }
    return (zip(after, before).map { Double($0) - Double($1) }, first.shape)
  }

  private func tensor(_ name: String, in folder: ModelFolder, beside other: ModelFolder) throws
    -> StoredTensor
  {
    guard let tensor = folder.tensor(of: name, prefix: prefix) else {
      throw ExtractionError.missing(
        name: name, folder: folder.url.relativePath, other: other.url.relativePath)
    }
    return tensor
  }
}
