import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankKeys
import LowRankTensors
import LowRankTransformers

/// The low-rank difference of two full models: what fine-tuning changed, as an adapter on the base.
///
/// Of every linear map `W_tuned − W_base ≈ U_k Σ_k V_kᵀ` by randomised SVD; a ``RankPolicy`` then chooses ranks over all
/// layers at once, as PARA does for trained adapters. Halko, Martinsson and Tropp, SIAM Review 53(2), 2011.
public struct Extraction: Sendable {
  /// One linear map's difference.
  struct Module: Sendable {
    let path: String
    let components: LeadingSingularVectors<Double>
    let energy: Double
  }

  /// A tensor that differs and is not a linear map's weight.
  public struct Remainder: Hashable, Sendable {
    /// Its name.
    public let name: String
    /// ‖difference‖_F.
    public let norm: Double
  }

  /// The leading singular values of each difference, in the order of the model.
  public let spectra: [Spectrum]
  /// What differs besides, which no low-rank adapter of linear maps holds.
  public let remainders: [Remainder]
  /// The names of the parameters that only the tuned model has, which belong to a classifier's head.
  public let added: [String]
  /// The differences between the configurations.
  public let configuration: ConfigurationDifference
  private let modules: [Module]
  private let isTransposed: Bool
  /// Modules with a difference that factors cannot represent, as the tuned model has them.
  private let wholes: [(path: String, tensors: [(name: String, tensor: StoredTensor)])]
  /// The head of a classifier, which is always saved whole.
  private let head: (modules: [String], tensors: [(name: String, tensor: StoredTensor)])
  private let classification: Classification?
  private let isCausal: Bool
  private let autoMapping: JSONValue?

  /// Decomposes the differences of two models of one architecture, read as the class of the tuned one.
  ///
  /// - Parameters:
  ///   - rank: the most components of a module that are looked for.
  ///   - isWanted: whether a linear map is extracted, by its path.
  /// - Throws: `ExtractionError` where the models differ in shape or not at all, and what reading them throws.
  public init(
    from base: ModelFolder, to tuned: ModelFolder, rank: Int, seed: UInt64 = 0,
    where isWanted: (String) throws -> Bool = { _ in true }
  ) throws {
    let weights = try ModelPair(base, tuned)
    let maps = try weights.linearMaps.filter { try isWanted($0.path) }
    let found = try concurrentMap(maps.count, "decomposing differences") { index -> Module? in
      guard let difference = try weights.difference(of: maps[index]) else { return nil }
      let energy = difference.elements.reduce(0) { $0 + $1 * $1 }
      return Module(
        path: maps[index].path,
        components: try LeadingSingularVectors(rank, of: difference, seed: seed &+ UInt64(index)),
        energy: energy)
    }
    modules = found.compactMap { $0 }
    guard !modules.isEmpty else {
      throw ExtractionError.noDifference(base: base.url.relativePath, tuned: tuned.url.relativePath)
    }
    isTransposed = maps.contains(where: \.isTransposed)
    remainders = try weights.remainders(beside: Set(modules.map { ExactText($0.path + ".weight") }))
    wholes = try weights.wholeModules(
      Set(remainders.map { ExactText($0.name) }),
      besideWeightsOf: Set(weights.linearMaps.map { ExactText($0.path) }))
    head = (weights.headModules, try weights.tensors(weights.headParameters))
    (added, classification, isCausal) = (weights.added, weights.classification, weights.isCausal)
    autoMapping = weights.autoMapping
    configuration = try ConfigurationDifference(base.config, tuned.config)
    spectra = modules.map { module in
      Spectrum(
        path: module.path, values: module.components.values,
        parametersPerRank: module.components.left.rows + module.components.right.columns,
        remainingEnergy: module.remainingEnergy)
    }
  }

  /// The adapter with the first components of each difference, stored in a type, and what is certain about it.
  ///
  /// - Parameter savesWholes: whether norms, embeddings, biases and heads that differ are saved whole too, as modules
  ///   to save.
  /// - Throws: `CompressionError.nothingKept`; `ExtractionError.otherNumbers` if `savesWholes` is set and the
  ///   configurations would compute different results with the same weights.
  public func keeping(
    _ ranks: [Int], base: String, as type: StoredType = .float32, savesWholes: Bool = false
  ) throws -> (draft: EditableAdapter, certificate: Certificate) {
    precondition(ranks.count == modules.count, "\(ranks.count) ranks for \(modules.count) modules")
    guard ranks.contains(where: { $0 > 0 }) else {
      throw CompressionError.nothingKept(
        largest: spectra.compactMap(\.values.first).max() ?? 0, modules: modules.count)
    }
    if savesWholes, configuration.changesNumbers {
      throw ExtractionError.otherNumbers(keys: configuration.keys)
    }
    let wholePaths = Set((savesWholes ? wholes : []).map { ExactText($0.path) })
    let cuts = zip(modules, ranks).filter { !wholePaths.contains(ExactText($0.0.path)) }
      .map { module, rank in
        (module: module, rank: min(rank, module.components.values.prefix { $0 > 0 }.count))
      }
    let parts = cuts.filter { $0.rank > 0 }.map { $0.module.draft(keeping: $0.rank, as: type) }
    guard !parts.isEmpty else { throw ExtractionError.onlyWholes(modules: wholePaths.count) }
    var config: JSONObject = [
      "peft_type": "LORA", "task_type": taskType, "base_model_name_or_path": .string(base),
      "inference_mode": true, "bias": "none",
    ]
    config["auto_mapping"] = autoMapping
    config["fan_in_fan_out"] = .bool(isTransposed)
    let certificate = Certificate(
      modules: cuts.map { module, rank in
        let kept = module.components.values.prefix(rank).reduce(0) { $0 + $1 * $1 }
        return Certificate.Module(
          path: module.path,
          rankBefore: min(module.components.left.rows, module.components.right.columns),
          rankAfter: rank,
          parametersPerRank: module.components.left.rows + module.components.right.columns,
          energy: module.energy, discardedEnergy: max(0, module.energy - kept),
          rounding: module.rounding(keeping: rank, as: type))
      })
    var draft = EditableAdapter(modules: parts, config: config)
    let saved = (savesWholes ? wholeModules : []) + head.modules
    if !saved.isEmpty {
      draft.wholes = (savesWholes ? wholes.flatMap(\.tensors) : []) + head.tensors
      draft.config["modules_to_save"] = .array(saved.map { .string($0) })
    }
    return (draft, certificate)
  }
}

extension Extraction {
  /// The paths of the modules that can be kept whole.
  public var wholeModules: [String] { wholes.map(\.path) }

  /// The modules of a classifier's head, which are always saved whole, by PEFT's names.
  public var headModules: [String] { head.modules }

  /// The task and classes of the tuned model, in the form that an adapter stores; nil if it is not a classifier.
  public var task: JSONObject? { classification?.json }

  private var taskType: JSONValue {
    guard autoMapping == nil else { return .null }
    if classification != nil { return "SEQ_CLS" }
    return isCausal ? "CAUSAL_LM" : .null
  }
}

extension Extraction.Module {
  /// The energy beyond the components that were looked for; 0 if those are all.
  fileprivate var remainingEnergy: Double {
    let isAll = components.values.count == min(components.left.rows, components.right.columns)
    guard !isAll else { return 0 }
    return max(0, energy - components.values.reduce(0) { $0 + $1 * $1 })
  }

  /// Balanced factors of the first components.
  fileprivate func draft(keeping rank: Int, as type: StoredType) -> EditableAdapter.Module {
    let (up, down) = balancedFactors(
      components.left.columns(0..<rank), components.values.prefix(rank),
      components.right.rows(0..<rank))
    return EditableAdapter.Module(
      path: path, kind: .linear, down: FactorMatrix(down, rounded: type),
      up: FactorMatrix(up, rounded: type),
      scale: 1)
  }

  /// A bound on what storing the factors changes: each is rounded once, relative to its norm √Σσ, beside √σ₁.
  fileprivate func rounding(keeping rank: Int, as type: StoredType) -> Double {
    guard rank > 0 else { return 0 }
    let sum = components.values.prefix(rank).reduce(0, +)
    let unit = type.unitRoundoff
    return (2 + unit) * unit * (sum * components.values[0]).squareRoot()
  }
}

/// Why no adapter can be extracted.
public enum ExtractionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The models are of different shapes.
  case otherShape(name: String, base: String, tuned: String)
  /// One model lacks a weight that the other has.
  case missing(name: String, folder: String, other: String)
  /// The configurations compute different results with the same weights.
  case otherNumbers(keys: [String])
  /// Every module that differs would be saved whole.
  case onlyWholes(modules: Int)
  /// No linear map differs.
  case noDifference(base: String, tuned: String)

  /// One sentence.
  public var description: String {
    switch self {
    case .otherShape(let name, let base, let tuned):
      "\(name) is \(base) in the base and \(tuned) in the other: their architectures differ"
    case .missing(let name, let folder, let other):
      "\(folder) lacks the tensor \"\(name)\", which \(other) has: their architectures differ"
    case .otherNumbers(let keys):
      """
      the configurations differ in \(keys.joined(separator: ", ")), which changes what the same weights compute and which no \
      adapter holds: on the base it would not be the tuned model; without \(setting: "whole") the differences of the weights are extracted
      """
    case .onlyWholes(let modules):
      "all \(modules) modules that differ would be kept whole: nothing is left for an adapter of low rank"
    case .noDifference(let base, let tuned):
      "the linear maps of \(base) and \(tuned) that were selected are equal: nothing to extract"
    }
  }
}
