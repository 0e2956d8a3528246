import Foundation
import LowRankCheckpoints
import LowRankTransformers

/// What a GGUF adapter has to know of its base: the architecture, and the heads whose rows stand in another order.
struct GGUFBase: Sendable {
  let architecture: LlamaCppArchitecture
  /// The heads of queries, and of keys and values; none where nobody said.
  let heads: (queries: Int, keys: Int)?
  /// Whether the head shares its weight with the embedding, so that llama.cpp has no tensor of its own for it.
  let sharesHead: Bool

  static let architectureKey = "general.architecture"

  /// Reads the configuration of a model folder, of the folder that a `config.json` lies in, or of a GGUF file.
  ///
  /// - Throws: `AdapterError.notOfLlamaCpp` for an architecture without a table of names, and what reading throws.
  init(model: URL) throws {
    let config = try ModelFolder.config(at: model)
    let type = try config.string("model_type")
    guard let architecture = LlamaCppArchitecture(modelType: type) else {
      let classes = config["architectures"]?.array ?? []
      throw AdapterError.notOfLlamaCpp(
        file: config.source, type: type,
        isCausal: classes.contains { $0.string?.hasSuffix("ForCausalLM") == true })
    }
    self.architecture = architecture
    let isGPT2 = architecture == .gpt2
    let queries = try config.integer(isGPT2 ? "n_head" : "num_attention_heads")
    heads = (queries, try config.integer("num_key_value_heads", default: queries))
    sharesHead = try HeadTying(config) != nil
  }

  /// Reads the metadata of an adapter, which holds the heads where we wrote it.
  ///
  /// - Throws: `AdapterError.unsupported` for an architecture without a table of names.
  init(metadata file: GGUFFile) throws {
    let name = file[Self.architectureKey]?.string ?? ""
    guard let architecture = LlamaCppArchitecture(rawValue: name) else {
      throw AdapterError.unsupported(
        file: file.url.relativePath, key: Self.architectureKey, value: "\"\(name)\"")
    }
    self.architecture = architecture
    sharesHead = false
    if let queries = file["\(name).attention.head_count"]?.integer,
      let keys = file["\(name).attention.head_count_kv"]?.integer
    {
      heads = (queries, keys)
    } else {
      heads = nil
    }
  }

  /// The metadata that say this.
  var metadata: [(String, GGUFValue)] {
    let name = architecture.rawValue
    let counts = heads.map { [("", $0.queries), ("_kv", $0.keys)] } ?? []
    return [(Self.architectureKey, .string(name))]
      + counts.map { ("\(name).attention.head_count\($0.0)", .unsigned(UInt64(max(0, $0.1)))) }
  }

  /// The heads whose rows llama.cpp interleaves in B of a module; none where it leaves them as they are.
  ///
  /// - Throws: `AdapterError` where they are not known, or the rows are no pairs of halves of so many heads.
  func interleavedHeads(of path: String, rows: Int, in file: String) throws(AdapterError) -> Int? {
    let isQueries = path.hasSuffix(".q_proj")
    guard architecture.interleavesHeads, isQueries || path.hasSuffix(".k_proj") else { return nil }
    guard let heads else {
      throw .needsModel(
        file: file,
        why:
          "llama.cpp orders the rows of \(path) by heads, and the file does not give their number")
    }
    let count = isQueries ? heads.queries : heads.keys
    guard count > 0, count <= rows, rows.isMultiple(of: 2 * count) else {
      throw .misshapenTensor(
        file: file, name: "B of \(path)", found: "\(rows) rows",
        expected: "an even number for each of \(count) heads")
    }
    return count
  }
}
