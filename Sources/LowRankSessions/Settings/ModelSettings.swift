import Foundation
import LowRank

/// The model of a run, and how it computes.
public struct ModelSettings: Hashable, Sendable {
  /// A folder, a GGUF file, or `owner/name[@revision]` on the hub.
  public var model: String?
  /// The checks of adapters that do not refuse one.
  public var checks = CheckSettings()
  /// `f32`, `bf16` or `auto`.
  public var precision = "auto"
  /// The number of threads; nil for all cores.
  public var threads: Int?
  /// The seed of all random numbers.
  public var seed = 0

  /// A model by its place or name.
  public init(_ model: String? = nil) { self.model = model }

  /// The engine asked for.
  package func engine() throws -> CPUEngine { try Threads.engine(threads) }

  /// The seed as random numbers take it.
  package var seedBits: UInt64 { UInt64(bitPattern: Int64(seed)) }

  /// Opens the model, with notes about what was noticed.
  ///
  /// - Parameters:
  ///   - head: the head on the backbone; by default that of the folder.
  ///   - renewsHead: whether to reinitialize the output layer of a classifier that the folder has.
  package func loadModel(
    as head: ModelHead? = nil, renewingHead renewsHead: Bool = false
  ) throws -> Model {
    guard let model else { throw SettingsError("\(.model) DIR is missing") }
    return try open(Located.model(model), as: head, renewingHead: renewsHead)
  }

  /// Opens the model in a folder.
  package func open(
    _ folder: URL, as head: ModelHead? = nil, renewingHead renewsHead: Bool = false
  ) throws -> Model {
    let loaded = try Model(
      from: folder, as: head, precision: PrecisionChoice.taken(precision), engine: engine(),
      seed: seedBits, renewsHead: renewsHead)
    PrecisionChoice.announce()
    for note in loaded.notes { Remarks.note("\(note)") }
    return loaded
  }

  /// An adapter of any format that says how it is scaled.
  package func adapterFolder(_ text: String) throws -> AdapterFolder {
    try AdapterFolder(at: Located.adapter(text), model: model.map { try Located.model($0) })
  }
}
