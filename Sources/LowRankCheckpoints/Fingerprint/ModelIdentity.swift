import LowRankProgress
import LowRankTensors

/// What a model is, however its weights are stored: architecture, names, shapes, and the weights that nobody quantises.
///
/// The same model in F32, in BF16 and in the packed types of GGUF has one identity, so an adapter that was trained on one
/// of them is recognized on the others. A ``Fingerprint`` also tells these apart.
///
/// What is hashed, by MurmurHash3 (x64, 128 bits, seed 0), is `model1`, a space and the architecture as llama.cpp names it;
/// then for every tensor, in the order of the bytes of their names, a line feed, the number of bytes of its name, its name
/// and its shape with a space after each, and for a tensor of one dimension the same hash of its numbers, rounded to BF16,
/// little-endian. Names are without the prefix of the class for the task. A head of a language model is left out, since it
/// may be tied; a table of embeddings counts without its rows, since unused ones are cut off. Weights of norms to which 1
/// is added in the computation are hashed with it.
public struct ModelIdentity: Hashable, Sendable, CustomStringConvertible {
  /// The identity as text: a version, a colon, 32 hexadecimal digits.
  public let description: String

  private static let version = "model1"
  private static let prefixes = [
    "model.", "transformer.", "bert.", "roberta.", "distilbert.", "deberta.",
  ]

  /// The identity of a model.
  ///
  /// - Throws: `JSONError` about the configuration, `FileError`, `SafetensorsError`.
  init(of folder: ModelFolder) throws {
    let type = try folder.config.string("model_type", default: "")
    let architecture = LlamaCppArchitecture(modelType: type)
    var record = Array("\(Self.version) \(architecture?.rawValue ?? type)".utf8)
    let tensors = folder.tensors.filter { !ModelFolder.isBuffer($0.name) }
      .map { (name: Self.bare($0.name), tensor: $0) }
      .filter { $0.name != "lm_head.weight" }.sorted { $0.name < $1.name }
    for (name, tensor) in tensors {
      let isTable = name == "embed_tokens.weight" && tensor.shape.rank == 2
      let shape = isTable ? Shape([tensor.shape.columns]) : tensor.shape
      record += "\n\(name.text.utf8.count) \(name) \(shape) ".utf8
      guard tensor.shape.rank == 1 else { continue }
      let isShifted = architecture?.shiftsNorms == true && name.hasSuffix("norm.weight")
      let bits = try tensor.floats().map {
        (isShifted ? 1 + $0 : $0).bfloat16Bits.littleEndian
      }
      record += bits.withUnsafeBytes { MurmurHash3(of: $0) }.bytes
    }
    let hash = record.withUnsafeBytes { MurmurHash3(of: $0) }
    description = "\(Self.version):\(hash.hexadecimal)"
  }

  private static func bare(_ name: TensorName) -> TensorName {
    prefixes.lazy.compactMap { name.droppingPrefix($0) }.first ?? name
  }
}

extension ModelFolder {
  /// The identity of the model, which does not depend on how its weights are stored.
  ///
  /// - Throws: `JSONError` about the configuration, `FileError`, `SafetensorsError`.
  public func identity() throws -> ModelIdentity { try ModelIdentity(of: self) }

  /// How many tensors are stored as each type, the types in the order of their names.
  public var storage: [(type: StoredType, count: Int)] {
    Dictionary(grouping: tensors, by: \.type).map { ($0.key, $0.value.count) }
      .sorted { $0.type.rawValue < $1.type.rawValue }
  }

  /// How far the matrices of another model of the same identity are from this one's: `‖W − W'‖ / ‖W‖` over all of them, of
  /// each at most 64 rows.
  ///
  /// - Throws: `FileError`, `SafetensorsError`.
  package func relativeDifference(from other: ModelFolder) throws -> Double {
    var (distance, norm) = (0.0, 0.0)
    for tensor in tensors where tensor.shape.rank == 2 {
      guard let twin = other[tensor.name], twin.shape.rank == 2,
        twin.shape.columns == tensor.shape.columns
      else { continue }
      let rows = min(tensor.shape.rows, twin.shape.rows)
      let count = min(rows, 64)
      for index in 0..<count {
        let row = index * rows / count
        let numbers = try tensor.rows(row..<row + 1).floats()
        for (mine, theirs) in zip(numbers, try twin.rows(row..<row + 1).floats()) {
          let difference = Double(mine) - Double(theirs)
          distance += difference * difference
          norm += Double(mine) * Double(mine)
        }
      }
    }
    return norm > 0 ? (distance / norm).squareRoot() : 0
  }

  /// Whether a tensor is never read: it follows from the configuration, or no task here needs it.
  package static func isBuffer(_ name: TensorName) -> Bool {
    buffers.contains { name.hasSuffix($0) }
  }

  /// Buffers that older checkpoints store and that follow from the configuration.
  private static let buffers = [
    "attn.bias", "attn.masked_bias", "rotary_emb.inv_freq", "position_ids",
    // DeBERTa's tables of absolute positions, which most of its models were trained without.
    "embeddings.position_embeddings.weight",
    // What stands for patches of an image that are hidden, which no classifier hides.
    "embeddings.mask_token",
  ]
}
