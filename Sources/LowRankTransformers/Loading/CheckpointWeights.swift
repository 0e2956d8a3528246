import Foundation
import LowRankCheckpoints
import LowRankProgress
import LowRankTensors

/// The weights of a model folder, each claimed once by the layer it belongs to.
///
/// A checkpoint may leave out the prefix of the base (`transformer.`, `model.`) and may spell a norm's
/// weight and bias `gamma` and `beta`. Matrices become resident in the compute type, everything else in
/// f32. Matrices that a GGUF file holds in a packed type stay packed, where they lie.
public struct CheckpointWeights: WeightSource {
  private let folder: ModelFolder
  private let engine: any Engine
  private let type: ElementType
  private let prefix: String
  private let fresh: RandomWeights?
  private let renewsHead: Bool
  private let keepsStored: Bool
  private let work: Work?
  private var claimed: Set<TensorName> = []
  /// The modules of a head that the checkpoint does not have, by name, in order.
  private(set) var freshModules: [String] = []

  /// The weights of a folder.
  ///
  /// - Parameters:
  ///   - prefix: what the names of the base begin with in the class for the task.
  ///   - fresh: where a head that classifies comes from, if the folder has none of its shape.
  ///   - renewsHead: whether to reinitialize the output layer of a classifier even if the folder has one of its
  ///     shape.
  ///   - keepsStored: whether matrices in BF16 stay so in a computation of another type.
  ///   - work: what counts the bytes that become resident.
  public init(
    _ folder: ModelFolder, prefix: String, engine: any Engine, type: ElementType,
    fresh: RandomWeights? = nil, renewsHead: Bool = false, keepsStored: Bool = false,
    work: Work? = nil
  ) {
    self.work = work
    self.keepsStored = keepsStored
    self.fresh = fresh
    self.renewsHead = renewsHead
    self.folder = folder
    self.engine = engine
    self.type = type
    self.prefix = prefix
  }

  public func has(_ name: String) -> Bool { stored(name) != nil }

  public mutating func tensor(_ name: String, _ shape: Shape, role: Parameter.Role) throws
    -> Tensor?
  {
    let path = folder.url.relativePath
    let stored = stored(name)
    if var fresh, let module = ModelHead.classifierModule(of: name, prefix: prefix),
      startsFresh(name, shape, stored)
    {
      if let stored { claimed.insert(stored.name) }
      if !freshModules.contains(module) { freshModules.append(module) }
      return try fresh.tensor(name, shape, role: role)
    }
    guard let stored else {
      guard name != "lm_head.weight" else { throw ModelError.missingHead(folder: path, name: name) }
      throw ModelError.missingTensor(folder: path, name: name)
    }
    guard stored.shape == shape else {
      throw ModelError.misshapenTensor(
        folder: path, name: name, found: "\(stored.shape)", expected: "\(shape)")
    }
    claimed.insert(stored.name)
    defer { work?.advance(by: stored.byteCount) }
    let isMatrix = role == .weight || role == .embedding
    let target = isMatrix ? type : .float32
    if isMatrix, folder.isGGUF, let packed = stored.type.elementType, packed.isPacked {
      return engine.resident(
        stored.borrowedBytes, stored: packed, shape, as: packed, owner: stored.file)
    }
    switch stored.type {
    case .float32, .bfloat16:
      let form: ElementType = stored.type == .float32 ? .float32 : .bfloat16
      let target = isMatrix && keepsStored && form == .bfloat16 ? form : target
      let weight = engine.resident(
        stored.borrowedBytes, stored: form, shape, as: target, owner: stored.file)
      // What was converted is not read where it lies any more.
      if form != target { stored.forget() }
      return weight
    case .float16, .float64:
      return engine.tensor(try stored.floats(), shape, type: target)
    case let type where type.isBlocked:
      return engine.tensor(try stored.floats(), shape, type: target)
    default:
      throw ModelError.unsupportedType(folder: path, name: name, type: stored.type.rawValue)
    }
  }

  /// Whether a tensor of a classification head is initialized at random: if the folder has none, if it has one for
  /// another number of classes, or if the output layer was requested to be new.
  private func startsFresh(_ name: String, _ shape: Shape, _ stored: StoredTensor?) -> Bool {
    guard let stored else { return true }
    guard ModelHead.isMapToClasses(name) else { return false }
    return renewsHead
      || stored.shape != shape && stored.shape.extents.dropFirst() == shape.extents.dropFirst()
  }

  /// Refuses tensors that no layer claimed, except known buffers and a head that is not used.
  ///
  /// Returns sentences about what was left aside.
  public func finish(unusedHead: String?, toleratingHeads: Bool = false) throws -> [String] {
    var notes: [String] = []
    var strange: [String] = []
    var others: [String] = []
    for name in folder.names where !claimed.contains(name) {
      let text = name.text
      if ModelFolder.isBuffer(name) { continue }
      if text == unusedHead {
        notes.append(
          "\(folder.url.relativePath): \(text) is not used: the head is tied to the embeddings")
      } else if let module = toleratingHeads ? ModelHead.module(of: text, prefix: prefix) : nil {
        if !others.contains(module) { others.append(module) }
      } else {
        strange.append(text)
      }
    }
    guard strange.isEmpty else {
      throw ModelError.unexpectedTensors(folder: folder.url.relativePath, names: strange)
    }
    if !others.isEmpty {
      notes.append(
        "\(folder.url.relativePath): unused here, a part of other tasks: "
          + others.joined(separator: ", "))
    }
    return notes
  }

  private func stored(_ name: String) -> StoredTensor? { folder.tensor(of: name, prefix: prefix) }
}
