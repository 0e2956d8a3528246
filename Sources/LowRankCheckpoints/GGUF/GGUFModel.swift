import Foundation
import LowRankTensors

/// A language model in a GGUF file, seen as Hugging Face lays it out: names, orders and values of transformers.
///
/// Tensors stay where they are in the mapped file, packed as they are. What llama.cpp's converter changed is undone: rows
/// of queries and keys get their order back, and weights of Gemma's norms lose the 1 that was added.
package struct GGUFModel: Sendable {
  /// The file that was given, or one of its parts.
  package let url: URL
  /// The files, without the lists of the vocabulary.
  package let parts: [GGUFFile]
  /// The architecture.
  package let architecture: LlamaCppArchitecture

  /// The architectures of models that are read.
  package static let architectures: [LlamaCppArchitecture] =
    [.llama, .gemma3, .qwen2, .qwen3, .smollm3, .phi3]

  /// The most layers that are believed.
  static let mostLayers = 10_000

  /// Opens a file and checks that it holds a model of a family that is implemented.
  ///
  /// - Throws: `FileError`, `GGUFError`.
  package init(at url: URL) throws {
    self.url = url
    parts = try GGUFParts(at: url).files
    let path = url.relativePath
    if let type = parts[0]["general.type"]?.string, type != "model" {
      throw GGUFError(
        path, "the file holds \(type == "adapter" ? "an adapter" : "\"\(type)\""), not a model")
    }
    guard let name = parts[0]["general.architecture"]?.string else {
      throw GGUFError(path, "\"general.architecture\" is missing, so the file holds no model")
    }
    guard let architecture = Self.architectures.first(where: { $0.rawValue == name }) else {
      throw GGUFError(
        path,
        "the architecture \"\(name)\" is not supported in GGUF files; supported are \(Self.list)")
    }
    self.architecture = architecture
  }

  private static let list = architectures.map(\.rawValue).joined(separator: ", ")

  /// The path that errors name.
  var path: String { url.relativePath }

  /// The tensors under transformers' names, in the order of those names.
  ///
  /// - Throws: `GGUFError` if one is missing or is not part of the architecture.
  package func tensors() throws -> [StoredTensor] {
    let stored = parts.flatMap(\.tensors)
    let names = Set(stored.map(\.name))
    let layers = try layerCount
    for name in architecture.requiredNames(layers: layers) where !names.contains(TensorName(name)) {
      throw GGUFError(path, "the tensor \"\(name)\" is missing")
    }
    let heads = try headCounts
    return try stored.filter { !Self.followsFromConfiguration($0.name) }
      .map { try asTransformers($0, heads) }
      .sorted { $0.name < $1.name }
  }

  /// Whether a tensor holds factors of rotary positions, which are part of the configuration.
  private static func followsFromConfiguration(_ name: TensorName) -> Bool {
    name.hasPrefix("rope_f") || name.hasSuffix(".attn_rot_embd.weight")
  }

  private func asTransformers(
    _ tensor: StoredTensor, _ heads: (queries: Int, keys: Int)
  ) throws -> StoredTensor {
    let layout = try layout(of: tensor, heads)
    let renamed = tensor.renamed(TensorName(layout.name))
    if layout.isShifted { return renamed.minusOne() }
    return layout.heads.map { renamed.withHalves(heads: $0) } ?? renamed
  }

  /// How transformers has a tensor of the file; nil for factors of rotary positions, which are part of the
  /// configuration.
  ///
  /// - Throws: `GGUFError` if it is not part of the architecture.
  package func layout(of tensor: StoredTensor) throws(GGUFError) -> GGUFLayout? {
    Self.followsFromConfiguration(tensor.name) ? nil : try layout(of: tensor, try headCounts)
  }

  private func layout(
    of tensor: StoredTensor, _ heads: (queries: Int, keys: Int)
  ) throws(GGUFError) -> GGUFLayout {
    guard let name = architecture.tensorName(of: tensor.name.text) else {
      throw GGUFError(
        path,
        "the tensor \"\(tensor.name)\" is no part of the architecture \(architecture.rawValue)")
    }
    if architecture.shiftsNorms, name.hasSuffix("norm.weight") {
      guard tensor.type == .float32 else {
        throw GGUFError(
          path, "the norm \"\(tensor.name)\" is stored as \(tensor.type.rawValue), expected F32")
      }
      return GGUFLayout(name: name, heads: nil, isShifted: true)
    }
    let isQuery = name.contains(".q_proj.")
    guard architecture.interleavesHeads, isQuery || name.contains(".k_proj.") else {
      return GGUFLayout(name: name, heads: nil, isShifted: false)
    }
    let count = isQuery ? heads.queries : heads.keys
    let rows = tensor.shape.rank == 1 ? tensor.shape.count : tensor.shape.rows
    guard tensor.shape.rank <= 2, rows.isMultiple(of: 2 * count) else {
      throw GGUFError(
        path,
        "the tensor \"\(tensor.name)\" is \(tensor.shape), expected an even number of rows for each of \(count) heads"
      )
    }
    return GGUFLayout(name: name, heads: count, isShifted: false)
  }
}

extension GGUFModel {
  /// The key of the architecture's own metadata.
  func key(_ name: String) -> String { "\(architecture.rawValue).\(name)" }

  /// A value of the architecture's own metadata; nil if it is absent.
  func value(_ name: String) -> GGUFValue? { parts[0][key(name)] }

  /// A positive whole number; a list of equal ones, one for each layer, is that number.
  ///
  /// - Throws: `GGUFError` if it is something else.
  func optionalCount(_ name: String, atMost limit: Int = Int(Int32.max)) throws(GGUFError) -> Int? {
    guard var value = value(name) else { return nil }
    if case .array(let list) = value, let first = list.first {
      guard list.allSatisfy({ $0 == first }) else {
        throw GGUFError(
          path, "\"\(key(name))\" differs from layer to layer, which is not supported")
      }
      value = first
    }
    guard let number = value.integer, number > 0, number <= limit else {
      throw GGUFError(path, "\"\(key(name))\" must be a whole number from 1 to \(limit)")
    }
    return number
  }

  /// A positive whole number that must be there.
  ///
  /// - Throws: `GGUFError`.
  func count(_ name: String, atMost limit: Int = Int(Int32.max)) throws(GGUFError) -> Int {
    guard let number = try optionalCount(name, atMost: limit) else {
      throw GGUFError(path, "\"\(key(name))\" is missing")
    }
    return number
  }

  /// A finite number, with the digits of single precision if the file has that; nil if it is absent.
  ///
  /// - Throws: `GGUFError` if it is something else.
  func number(_ name: String) throws(GGUFError) -> Double? {
    guard let value = value(name) else { return nil }
    var number = value.double
    if case .float32(let single) = value { number = Double(single.description) }
    guard let number, number.isFinite else {
      throw GGUFError(path, "\"\(key(name))\" must be a number")
    }
    return number
  }

  /// The number of layers.
  var layerCount: Int {
    get throws(GGUFError) { try count("block_count", atMost: Self.mostLayers) }
  }

  /// The heads of queries, and of keys and values.
  var headCounts: (queries: Int, keys: Int) {
    get throws(GGUFError) {
      let queries = try count("attention.head_count")
      return (queries, try optionalCount("attention.head_count_kv") ?? queries)
    }
  }

  /// The rows of the table of embeddings; 0 without one.
  package var tableRows: Int { tensor("token_embd.weight")?.shape.rows ?? 0 }

  /// Whether the model has a tensor, by llama.cpp's name.
  func has(_ name: String) -> Bool { tensor(name) != nil }

  /// A tensor by llama.cpp's name.
  func tensor(_ name: String) -> StoredTensor? {
    parts.lazy.compactMap { part in part.tensors.first { $0.name == TensorName(name) } }.first
  }
}
