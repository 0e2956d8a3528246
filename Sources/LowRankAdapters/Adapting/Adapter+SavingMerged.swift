import Foundation
import LowRankCheckpoints
import LowRankTransformers

/// A merged model that was written, opened again and found to be the adapter on its base.
public struct MergeProof: Hashable, Sendable {
  /// How far it is from the adapter on its base.
  public let check: MergeCheck
  /// How far it might have been.
  public let limits: MergeLimits
  /// How its weights are stored.
  public let types: [StoredType]
  /// What merging changed besides weights: a head that is no longer tied.
  public let notes: [String]
  /// The fingerprint of the base; nil for one without files.
  public let base: Fingerprint?

  /// What is kept in `lowrank.json` beside the weights.
  public var json: JSONObject {
    [
      "largest_logit_difference": .double(check.largestDifference), "kl": .double(check.divergence),
      "adapter_kl": .double(check.effect), "largest_logit": .double(check.largestLogit),
      "tokens": .integer(check.tokens),
      "max_logit_difference": limits.difference.map { .double($0) } ?? .null,
      "max_kl": limits.divergence.map { .double($0) } ?? .null,
      "types": .array(types.map { .string($0.rawValue) }),
      "base_fingerprint": base.map { .string($0.description) } ?? .null,
    ]
  }
}

extension Adapter {
  /// Writes the base with the adapter merged into its weights, and proves it.
  ///
  /// What was written is opened again and its logits are compared, in f32, with those of base and adapter. Nothing is left
  /// where they differ too much.
  ///
  /// - Parameters:
  ///   - overwrite: whether to replace a folder that is there and not empty; the base's own never is.
  ///   - type: how weights are stored; nil to store each as the base's folder does.
  ///   - samples: the tokens of the texts that are compared.
  ///   - ends: tokens at which generation stops besides those of the base; `generation_config.json` lists them.
  /// - Throws: `AdapterError` where a merged weight is not finite or the limits are exceeded, and what saving a model
  ///   throws.
  public func saveMerged(
    to url: URL, overwrite: Bool = false, as type: StoredType? = nil, provenOn samples: [[Int32]],
    limits: MergeLimits = MergeLimits(), stoppingAt ends: [Int32] = []
  ) throws -> MergeProof {
    let merged = try base.merging(self)
    try merged.checkApart(from: url)
    return try publishFolder(at: url, overwrite: overwrite, replacing: .model) { folder in
      try merged.write(into: folder, as: type, chatTemplate: chatTemplate)
      if !ends.isEmpty { try merged.write(ends: ends, into: folder) }
      let written = try Model(from: folder, precision: .float32, engine: base.engine)
      let types = Set((written.folder?.tensors ?? []).map(\.type))
      let check = MergeCheck(written, self, on: samples)
      let limits = limits.resolved(for: check, writtenAs: types)
      try limits.test(check)
      let proof = MergeProof(
        check: check, limits: limits, types: types.sorted { $0.rawValue < $1.rawValue },
        notes: merged.notes.filter { !base.notes.contains($0) },
        base: try base.folder?.fingerprint())
      try JSONValue.object([
        "version": .string(AdapterFacts.version), "merge": .object(proof.json),
      ]).write(to: folder.appending(path: AdapterFacts.fileName))
      return proof
    }
  }
}

extension Model {
  /// Adds tokens to those at which `generation_config.json` has generation stop.
  fileprivate func write(ends: [Int32], into folder: URL) throws {
    let (file, key) = (folder.appending(path: "generation_config.json"), "eos_token_id")
    var object: JSONObject = [:]
    if FileManager.default.fileExists(atPath: file.path) {
      object = try JSONFile(at: file).object
      try FileManager.default.removeItem(at: file)
    }
    let listed = [object[key], config[key]].lazy.compactMap { value in
      value == .null ? nil : value
    }.first
    let known = listed.map { $0.array ?? [$0] } ?? []
    let added = ends.map { JSONValue.integer(Int($0)) }.filter { !known.contains($0) }
    object[key] = .array(known + added)
    try JSONValue.object(object).write(to: file)
  }
}
